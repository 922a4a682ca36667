//! Strict WebVTT validator for tests. It implements the grammar (W3C WebVTT §4), and shares no code with the converter
//! in `src/subtitles`. It accepts only the part of the grammar that the converter uses.

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cue {
    /// The start of the cue, in milliseconds.
    pub(crate) from: u64,
    /// The end of the cue, in milliseconds.
    pub(crate) to: u64,
    pub(crate) settings: String,
    /// The text without tags. Each reference is replaced by its character, for example `&amp;` by `&`.
    pub(crate) shown: String,
}

/// Returns the cues of a valid file, or a description of the first error.
pub(crate) fn check(file: &str) -> Result<Vec<Cue>, String> {
    if file.contains(['\0', '\r', '\u{FEFF}']) {
        return Err("a forbidden character".to_owned());
    }
    let body = file
        .strip_prefix("WEBVTT\n\n")
        .ok_or("no signature with an empty line after it")?;
    let mut cues: Vec<Cue> = Vec::new();
    let mut lines = body.split('\n').peekable();
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        let (from, to, settings) = timing(line)?;
        let mut payload = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.is_empty()) {
            payload.push(line);
        }
        let payload = payload.join("\n");
        if payload.contains("-->") {
            return Err(format!("an arrow in {payload:?}"));
        }
        if from >= to || cues.last().is_some_and(|last| last.from > from) {
            return Err(format!("out of order: {line:?}"));
        }
        let shown = text(&payload)?;
        if shown
            .chars()
            .all(|c| c.is_whitespace() || matches!(c, '\u{200E}' | '\u{200F}'))
        {
            return Err(format!("no visible text: {payload:?}"));
        }
        cues.push(Cue {
            from,
            to,
            settings,
            shown,
        });
    }
    Ok(cues)
}

/// Parses a timing line (§4.1): timestamps with a space on both sides of the arrow, then settings.
fn timing(line: &str) -> Result<(u64, u64, String), String> {
    let fail = || format!("these are not cue timings: {line:?}");
    let (from, rest) = line.split_once(" --> ").ok_or_else(fail)?;
    let (to, settings) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_setting = |setting: &str| {
        matches!(
            setting,
            "line:0" | "line:50%" | "position:0%" | "position:100%" | "align:left" | "align:right"
        )
    };
    if !(settings.is_empty() || settings.split(' ').all(is_setting)) || rest.ends_with(' ') {
        return Err(fail());
    }
    let from = timestamp(from).ok_or_else(fail)?;
    let to = timestamp(to).ok_or_else(fail)?;
    Ok((from, to, settings.to_owned()))
}

/// Parses a timestamp (§4.1), for example `01:02.345` or `100:01:02.345`. Returns milliseconds.
fn timestamp(text: &str) -> Option<u64> {
    let digits = |text: &str, length: std::ops::RangeInclusive<usize>| {
        let is_number = length.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| text.parse::<u64>().ok()).flatten()
    };
    let (clock, fraction) = text.split_once('.')?;
    let parts: Vec<&str> = clock.split(':').collect();
    let (hours, minutes, seconds) = match parts[..] {
        [minutes, seconds] => (0, minutes, seconds),
        [hours, minutes, seconds] => (digits(hours, 2..=15)?, minutes, seconds),
        _ => return None,
    };
    let (minutes, seconds) = (digits(minutes, 2..=2)?, digits(seconds, 2..=2)?);
    if minutes > 59 || seconds > 59 {
        return None;
    }
    Some(((hours * 60 + minutes) * 60 + seconds) * 1000 + digits(fraction, 3..=3)?)
}

/// Parses the text of a cue (§4.2.2): text, references, and elements that are closed in reverse order. Only `i`, `b`
/// and `u` are valid.
fn text(payload: &str) -> Result<String, String> {
    let fail = |problem: &str| Err(format!("{problem} in {payload:?}"));
    let mut shown = String::new();
    let mut open = Vec::new();
    let mut rest = payload;
    while let Some(c) = rest.chars().next() {
        let after = match c {
            '<' => {
                let Some((tag, after)) = rest[1..].split_once('>') else {
                    return fail("an open bracket");
                };
                match tag {
                    "i" | "b" | "u" => open.push(tag),
                    _ => match tag.strip_prefix('/') {
                        Some(tag) if open.last() == Some(&tag) => drop(open.pop()),
                        _ => return fail("an unknown tag"),
                    },
                }
                after
            }
            '&' => {
                let Some((name, after)) = rest[1..].split_once(';') else {
                    return fail("an ampersand");
                };
                shown.push(match name {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    "nbsp" => '\u{A0}',
                    "lrm" => '\u{200E}',
                    "rlm" => '\u{200F}',
                    _ => return fail("an unknown reference"),
                });
                after
            }
            // The grammar allows `>`. But the converter must always escape it, because the text must not contain `-->`.
            '>' => return fail("a closing bracket"),
            c => {
                shown.push(c);
                &rest[c.len_utf8()..]
            }
        };
        rest = after;
    }
    if !open.is_empty() {
        return fail("an element that is not closed");
    }
    Ok(shown)
}

#[test]
fn invalid_files_are_refused() {
    for file in [
        "",
        "WEBVTT",
        "WEBVTT\n1\n",
        "WEBVTT\n\nNOTE\n",
        "WEBVTT\n\n1:00.000 --> 02:00.000\na\n",
        "WEBVTT\n\n01:00,000 --> 02:00.000\na\n",
        "WEBVTT\n\n01:00.00 --> 02:00.000\na\n",
        "WEBVTT\n\n01:60.000 --> 02:00.000\na\n",
        "WEBVTT\n\n02:00.000 --> 02:00.000\na\n",
        "WEBVTT\n\n02:00.000 --> 03:00.000\na\n\n01:00.000 --> 02:00.000\nb\n",
        "WEBVTT\n\n01:00.000 --> 02:00.000 \na\n",
        "WEBVTT\n\n01:00.000 --> 02:00.000\n\n",
        "WEBVTT\n\n01:00.000 --> 02:00.000\na\n02:00.000 --> 03:00.000\nb\n",
        "WEBVTT\n\n01:00.000 --> 02:00.000\n<i>a\n",
        "WEBVTT\n\n01:00.000 --> 02:00.000\n<i><b>a</i></b>\n",
        "WEBVTT\n\n01:00.000 --> 02:00.000\na & b\n",
        "WEBVTT\n\n01:00.000 --> 02:00.000\na < b\n",
        "WEBVTT\n\n01:00.000 --> 02:00.000\na\0\n",
        "WEBVTT\n\n01:00.000 --> 02:00.000\r\na\n",
    ] {
        assert!(check(file).is_err(), "{file:?}");
    }
    let cues = check("WEBVTT\n\n01:00.000 --> 02:00.000 line:0\n<i>a</i> &lt;\nb\n").unwrap();
    assert_eq!(
        (cues.len(), cues[0].shown.as_str(), cues[0].from),
        (1, "a <\nb", 60_000)
    );
}
