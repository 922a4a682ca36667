//! Dates, entity tags and preconditions: what they are read as, and what follows from it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::http::{
    EntityTag, EntityTagList, Method, Outcome, Representation, RequestHead, Validators, evaluate,
    format_http_date, parse_http_date,
};

/// Sun, 06 Nov 1994 08:49:37 GMT.
const MODIFIED: Duration = Duration::from_secs(784_111_777);
const METHODS: [Method; 4] = [Method::Get, Method::Head, Method::Put, Method::Options];

/// The first byte says which method and which validators; the others are field lines.
pub fn conditions(data: &[u8]) {
    let Some((&choice, lines)) = data.split_first() else {
        return;
    };
    let Ok(lines) = std::str::from_utf8(lines) else {
        return;
    };
    let choice = usize::from(choice);
    let validators = match choice / METHODS.len() % 4 {
        0 => Validators::from_metadata(10, Some(UNIX_EPOCH + MODIFIED)),
        1 => Validators::from_metadata(10, UNIX_EPOCH.checked_sub(MODIFIED)),
        2 => Validators::from_text("a"),
        _ => Validators::from_metadata(10, None),
    };
    let mut request = RequestHead::new(METHODS[choice % METHODS.len()], "/");
    for line in lines.split('\n') {
        let (name, value) = line.split_once(':').unwrap_or(("", line));
        request.add_field(name, value);
        date(value);
        tags(value);
    }
    let expected = by_the_book(&request, &validators);
    let representation = Representation {
        complete_length: 10,
        media_type: "video/mp4",
        validators,
    };
    let outcome = evaluate(&request, &representation);
    match expected {
        Answer::NotModified => assert_eq!(outcome, Outcome::NotModified),
        Answer::Failed => assert_eq!(outcome, Outcome::PreconditionFailed),
        Answer::Full => assert_eq!(outcome, Outcome::Full),
        Answer::MayBePartial => assert!(!matches!(
            outcome,
            Outcome::NotModified | Outcome::PreconditionFailed
        )),
    }
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// A date is read as it is written, and only if it exists.
fn date(text: &str) {
    let read = parse_http_date(text);
    if let Some(time) = read {
        let printed = format_http_date(time).expect("a date that was read can be written");
        assert_eq!(parse_http_date(&printed), read);
    }
    let text = trim(text);
    if text.len() == 29 && text.as_bytes()[3] == b',' {
        assert_eq!(read, imf_fixdate(text));
        // There is one way to write it.
        if let Some(time) = read {
            assert_eq!(format_http_date(time).as_deref(), Some(text));
        }
    }
}

/// RFC 9110 §5.6.7, counting the days one year and one month after the other.
fn imf_fixdate(text: &str) -> Option<SystemTime> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let number = |from: usize, to: usize| {
        let digits = text.get(from..to)?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse::<u64>().ok()).flatten()
    };
    let marks = [
        (3, 5, ", "),
        (7, 8, " "),
        (11, 12, " "),
        (16, 17, " "),
        (19, 20, ":"),
    ];
    let has = |(from, to, mark): (usize, usize, &str)| text.get(from..to) == Some(mark);
    if !marks.into_iter().all(has) || !has((22, 23, ":")) || !has((25, 29, " GMT")) {
        return None;
    }
    let (day, year) = (number(5, 7)?, number(12, 16)?);
    let (hour, minute, second) = (number(17, 19)?, number(20, 22)?, number(23, 25)?);
    let month = MONTHS
        .iter()
        .position(|name| text.get(8..11) == Some(name))?;
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let length = |year: u64, month: usize| match month {
        1 => 28 + u64::from(is_leap(year)),
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    };
    if year < 1970
        || day == 0
        || day > length(year, month)
        || hour > 23
        || minute > 59
        || second > 59
    {
        return None;
    }
    let years: u64 = (1970..year)
        .map(|year| 365 + u64::from(is_leap(year)))
        .sum();
    let months: u64 = (0..month).map(|month| length(year, month)).sum();
    let days = years + months + day - 1;
    let weekday = DAYS[usize::try_from(days % 7).ok()?];
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    (text.get(..3) == Some(weekday)).then(|| UNIX_EPOCH + Duration::from_secs(seconds))
}

/// A tag is what stands between its quotes, a list what stands between its commas.
fn tags(text: &str) {
    let expected = list(text);
    match (EntityTagList::parse(text), &expected) {
        (Err(_), None) => {}
        (Ok(EntityTagList::Any), Some(List::Any)) => {}
        (Ok(EntityTagList::Tags(tags)), Some(List::Tags(expected))) => {
            let printed: Vec<String> = tags.iter().map(EntityTag::to_string).collect();
            assert_eq!(&printed, expected);
        }
        (read, expected) => panic!("{read:?} for {expected:?}"),
    }
    let one = EntityTag::parse(text);
    let is_one = matches!(&expected, Some(List::Tags(tags)) if tags[..] == [trim(text)]);
    assert_eq!(one.is_ok(), is_one);
    if let Ok(tag) = one {
        assert!(tag.weak_eq(&tag) && tag.strong_eq(&tag) != tag.is_weak());
    }
    let made = EntityTag::from_text(text);
    let read = EntityTag::parse(&made.to_string()).expect("a tag of our own");
    assert!(read.strong_eq(&made));
}

#[derive(Debug)]
enum List {
    Any,
    Tags(Vec<String>),
}

/// RFC 9110 §5.6.1 and §8.8.3, one character after the other.
fn list(text: &str) -> Option<List> {
    if trim(text) == "*" {
        return Some(List::Any);
    }
    let mut tags = Vec::new();
    let mut tag: Option<String> = None;
    let mut quotes = 0;
    for c in text.chars() {
        let is_inside = quotes == 1;
        match (c, &mut tag) {
            ('"', Some(tag)) if quotes < 2 => {
                quotes += 1;
                tag.push(c);
            }
            ('"', None) => {
                quotes = 1;
                tag = Some(c.to_string());
            }
            ('\0'..=' ' | '\u{7f}', Some(_)) if is_inside => return None,
            (c, Some(tag)) if is_inside => tag.push(c),
            ('W', None) => tag = Some(c.to_string()),
            ('/', Some(tag)) if tag == "W" => tag.push(c),
            (',', None) | (' ' | '\t', None) => {}
            (',', Some(_)) if quotes == 2 => {
                tags.extend(tag.take());
                quotes = 0;
            }
            (' ' | '\t', Some(_)) if quotes == 2 => {}
            _ => return None,
        }
    }
    if tag.is_some() && quotes != 2 {
        return None;
    }
    tags.extend(tag);
    let is_whole = |tag: &String| tag.starts_with('"') || tag.starts_with("W/\"");
    tags.iter().all(is_whole).then_some(List::Tags(tags))
}

enum Answer {
    Full,
    MayBePartial,
    NotModified,
    Failed,
}

/// RFC 9110 §13.2.2, step by step.
fn by_the_book(request: &RequestHead, current: &Validators) -> Answer {
    let method = request.method();
    let is_read = matches!(method, Method::Get | Method::Head);
    let own = current.etag().map(EntityTag::to_string);
    let strong = |tag: &String| own.as_ref() == Some(tag) && !tag.starts_with('W');
    let weak = |tag: &String| own.as_deref() == Some(tag.trim_start_matches("W/"));
    let modified = current.last_modified();
    if method != Method::Options {
        if let Some(value) = request.if_match() {
            let holds = match list(value) {
                Some(List::Any) => true,
                Some(List::Tags(tags)) => tags.iter().any(strong),
                None => false,
            };
            if !holds {
                return Answer::Failed;
            }
        } else if let Some(date) = request.if_unmodified_since().and_then(parse_http_date)
            && modified.is_some_and(|modified| modified > date)
        {
            return Answer::Failed;
        }
        if let Some(value) = request.if_none_match() {
            let holds = match list(value) {
                Some(List::Any) => false,
                Some(List::Tags(tags)) => !tags.iter().any(weak),
                None => true,
            };
            match (holds, is_read) {
                (true, _) => {}
                (false, true) => return Answer::NotModified,
                (false, false) => return Answer::Failed,
            }
        } else if is_read
            && let Some(date) = request.if_modified_since().and_then(parse_http_date)
            && modified.is_some_and(|modified| modified <= date)
        {
            return Answer::NotModified;
        }
    }
    let if_range = request.if_range().is_none_or(|value| match list(value) {
        Some(List::Tags(tags)) => {
            let is_one = tags.len() == 1 && tags[0] == trim(value);
            is_one && strong(&tags[0])
        }
        _ => parse_http_date(value).is_some_and(|date| Some(date) == modified),
    });
    if method == Method::Get && if_range && request.range().is_some() {
        Answer::MayBePartial
    } else {
        Answer::Full
    }
}
