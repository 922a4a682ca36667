use super::*;

/// Returns the track as `TAG (NOTE)`, or as `- LABEL` if it has no language. Adds `*` if it is the default track.
fn shown(track: &MenuTrack) -> String {
    let mark = if track.is_default { " *" } else { "" };
    let name = match &track.language {
        None => format!("- {}", track.label()),
        Some(tag) if track.note.is_empty() => tag.clone(),
        Some(tag) => format!("{tag} ({})", track.note),
    };
    name + mark
}

/// Checks lines of the form `RESULT = NAME|NAME|NAME`: `shown` must return `RESULT` for each name.
#[track_caller]
fn table(lines: &str, shown: impl Fn(&str) -> String) {
    for line in lines
        .lines()
        .map(str::trim_start)
        .filter(|it| !it.is_empty())
    {
        let (expected, names) = line.split_once(" = ").unwrap();
        for name in names.split('|') {
            assert_eq!(shown(name), expected, "{name:?}");
        }
    }
}

#[test]
fn name_after_the_video_name_gives_language_and_notes() {
    let languages = "
        en = .en|.EN|.eng|.English|.mkv.en|_eng|-en| en| (English)|.[English]|..en|.영문|.英文字幕|.engsub|.EngSubs
        de = .ger|.deu|.Deutsch|.Deutsche Untertitel|.독일어
        fr = .Français|.Franc\u{327}ais|.francais|.VOSTFR
        es = .Español|.espanol|.esp
        ru = .русский|.русскии\u{306}|.Русские|.rus.Субтитры
        hi = .hin|.hi
        nb = .nb|.norwegian bokmål
        zh = .中文|.中文字幕
        pl = .Polski|_PL
        cs = .cz|.Čeština|.CZ titulky
        it = .Italiano
        pt = .Português
        ko = .kr|.한국어|.한글자막|.韩文
        hu = .magyar|.magyar felirat
        nl = .Nederlands|.NLsubs
        tr = .Türkçe Altyazı
        ja = .日本語字幕
        yue = .yue";
    let variants = "
        pt-BR = .pt-BR|.pt_br|.por-br|.pob|.pb|.ptbr|.br|.Portuguese (Brazil)|.Brazilian Portuguese|.legendas.pt-br
        es-419 = .es-419|.es-LA|.ea|.spl|.latino|.Spanish (Latin American)|.Spa.Lat|.Español Latino
        es-ES = .castellano|.español (España)
        es-MX = .Español (MX)
        en-GB = .English (UK)|.GB
        de-DE = .de-DE
        fr-CA = .Français canadien
        nb-NO = .nb-NO
        zh-Hans = .zh-Hans|.zh-cn|.sc|.cn|.ze|.chs|.简体|【简体】|.简体字幕|.双语字幕|.Chinese (Simplified)|.Simplified Chinese|.jpsc|.简日双语|.中英文|.zh.chs
        zh-Hant = .zt|.cht|.繁體|.繁體字幕|.Chinese (Traditional)|.tc|.繁日雙語|.JPTC
        zh-Hant-HK = .ZH-HANT-hk
        zh-Hant-TW = .zh-TW|.tw
        sr-Latn = .sr-Latn|.SRB.Latin
        sr-Latn-ME = .sr-Latn-ME
        sr-Cyrl = .srpski.cirilica";
    // People use these codes with another meaning than ISO.
    let people = "
        sv = .se
        el = .gr|.ELL
        uk = .ua
        da = .dk
        vi = .vn
        cnr = .mne";
    let flags = "
        en (forced) = .en.forced|.forced.en|.English-Forced|.English.forced.eng
        en (SDH) = .en.sdh|.en.hi|.[hi].en|.English (SDH)|.English SDH|.English-SDH|.English [SDH]
        en (SDH, forced) = .en.SDH.forced|_en_sdh_forced
        en (CC) = .en.cc|.en.closedcaptions|.en[cc]
        en (CC, forced) = .en[cc]-forced
        fr (CC) = -fr-cc
        de (SDH) = .deutsch (Hörgeschädigte)
        hi (SDH) = .hi.hi|.hin.hi
        hi (forced) = .hi.forced
        es-ES (forced) = .Castellano.Forzados
        pt-BR * = .pt-BR.default
        en (forced) * = .en.default.forced
        - Subtitles (forced) = .forced
        - Subtitles (SDH) = .sdh
        - part one, part two, CC = .part one.cc.part two";
    let notes = "
        - Subtitles = |.und|.subs|.mkv| - |.
        - Subtitles (1) = (1)
        - commentary = .commentary
        - a b = .a\tb
        - track4 = _track4_[und]
        - JapanSubs =  [JapanSubs]
        en (1) = .en(1)
        en (2) = .2.eng|.eng.2
        en (1, CC, forced) = .1.en.forced.cc
        fr (1, SDH) = .fre.SDH.1
        en (title) = .title.en|.en.title
        en (testtitle, forced) = .eng.forced.testtitle
        en (orig) = .en-orig
        en (j3PyPqV-e1s) = .en-j3PyPqV-e1s
        en (Director's Commentary) = .Director's Commentary.en
        en (track3) = _track3_[eng]
        de (track_2) = .track_2.[ger]
        de (1080p, forced) = .German.FORCED.1080p
        ru (full) = .rus(full)
        fr (English.Patient) = .English.Patient.fr
        en (No.Way.Home) = .No.Way.Home.en
        en (zw) = .en-zw
        en (DE) = .English (DE)
        de (English) = .German English
        en (de) = .en.de
        zh-Hans (eng) = .chs&eng|.chs_eng
        zh-Hans (en) = .zh-Hans-en
        zh-Hans (JPN) = .CHS&JPN
        zh-Hans (英文) = .简体&英文
        zh-Hant (Netflix) = .zh-Hant[Netflix]";
    for lines in [languages, variants, people, flags, notes] {
        table(lines, |name| shown(&MenuTrack::parse(name, false)));
    }
}

#[test]
fn in_a_whole_name_only_codes_at_the_end_are_languages() {
    let lines = "
        en = English|eng
        en (2) = 2_English
        de (3, forced) = 3_German-forced
        - Subtitles = subtitle
        - It.2017.1080p = It.2017.1080p
        - The.Italian.Job.2003 = The.Italian.Job.2003
        fr (No.Time.to.Die.2021) = No.Time.to.Die.2021.fr
        pt-BR (film, forced) = film.pt-BR.forced";
    table(lines, |stem| shown(&MenuTrack::parse(stem, true)));
    let understood = "
        true = English|2_English|eng.forced|Subtitles
        false = Some.Film.en|commentary|2017";
    table(understood, |stem| {
        MenuTrack::parse(stem, true).is_understood.to_string()
    });
}

#[test]
fn label_shows_the_name_as_written_or_the_tag() {
    let lines = "
        Deutsch (forced) = .Deutsch.forced
        Brazilian Portuguese = .Brazilian Portuguese
        de = .ger
        zh-Hans (eng) = .chs&eng";
    table(lines, |name| MenuTrack::parse(name, false).label());
}

/// Rows of the form `LABEL, TAG = LANGUAGE/TITLE/FORCED`.
#[test]
fn track_inside_a_video_is_labelled_by_title_and_language() {
    let lines = "
        Subtitles, - = //
        Subtitles (forced), - = //forced
        Signs, forced, - = /Signs/forced
        English, en = eng//
        English (Forced), en = en/Forced/forced
        German (forced), de = ger//forced
        French, fr = fre/French/
        Spanish (SDH), es = spa/SDH\t/
        Breton, br = br//|bre//
        Hindi, hi = hin//
        pt-BR, pt-BR = pt-BR//
        zh-TW, zh-TW = zho-TW/ /
        tlh (a b), tlh = tlh/a\tb/
        en-US, en-US = en_US//
        de-CH-1996, de-CH-1996 = de-CH-1996//
        Subtitles, - = é//|<b>//|a b//|3d//|en--US//|undetermined//";
    table(lines, |inside| {
        let parts = inside
            .split('/')
            .map(|it| Some(it).filter(|it| !it.is_empty()));
        let parts: Vec<_> = parts.collect();
        let track = MenuTrack::inside(parts[0], parts[1], false, parts[2].is_some());
        format!(
            "{}, {}",
            track.label(),
            track.language.as_deref().unwrap_or("-")
        )
    });
}
