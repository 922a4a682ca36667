use super::*;

/// Returns the track as `tag label`, with `*` at the end if it is the default.
fn shown(track: &Track) -> String {
    let tag = track.language.as_deref().unwrap_or("-");
    let mark = if track.is_default { " *" } else { "" };
    let name = match (&track.written, track.note.is_empty()) {
        (_, false) if track.language.is_some() => format!(" ({})", track.note),
        (_, true) if track.language.is_some() => String::new(),
        _ => format!(" {}", track.label()),
    };
    format!("{tag}{name}{mark}")
}

#[track_caller]
fn table(rows: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (infix, expected) in rows {
        let track = shown(&Track::parse(infix, false));
        if track != *expected {
            wrong.push(format!("{infix:?}: {track:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn codes_and_names_are_languages() {
    table(&[
        ("", "- Subtitles"),
        (".en", "en"),
        (".EN", "en"),
        (".eng", "en"),
        (".English", "en"),
        (".ger", "de"),
        (".deu", "de"),
        (".pt-BR", "pt-BR"),
        (".pt_br", "pt-BR"),
        (".por-br", "pt-BR"),
        (".pob", "pt-BR"),
        (".Portuguese (Brazil)", "pt-BR"),
        (".zh-Hans", "zh-Hans"),
        (".ZH-HANT-hk", "zh-Hant-HK"),
        (".zh-TW", "zh-Hant-TW"),
        (".zh-cn", "zh-Hans"),
        (".es-419", "es-419"),
        (".sr-Latn", "sr-Latn"),
        (".sr-Latn-ME", "sr-Latn-ME"),
        (".nb-NO", "nb-NO"),
        (".en-zw", "en (zw)"),
        (".English (UK)", "en-GB"),
        (".Español (MX)", "es-MX"),
        (".Français canadien", "fr-CA"),
        (".English (DE)", "en (DE)"),
        (".yue", "yue"),
        (".nb", "nb"),
        (".norwegian bokmål", "nb"),
        (".hin", "hi"),
        (".und", "- Subtitles"),
    ]);
}

#[test]
fn people_win_over_iso() {
    table(&[
        (".br", "pt-BR"),
        (".se", "sv"),
        (".kr", "ko"),
        (".tw", "zh-Hant-TW"),
        (".sc", "zh-Hans"),
        (".cn", "zh-Hans"),
        (".cz", "cs"),
        (".gr", "el"),
        (".ua", "uk"),
        (".dk", "da"),
        (".vn", "vi"),
        (".pb", "pt-BR"),
        (".ptbr", "pt-BR"),
        (".ze", "zh-Hans"),
        (".ea", "es-419"),
        (".spl", "es-419"),
        (".zt", "zh-Hant"),
        (".mne", "cnr"),
        (".es-LA", "es-419"),
        (".chs", "zh-Hans"),
        (".cht", "zh-Hant"),
        (".chs&eng", "zh-Hans (eng)"),
        (".chs_eng", "zh-Hans (eng)"),
        (".zh-Hans-en", "zh-Hans (en)"),
        (".Chinese (Simplified)", "zh-Hans"),
        (".Chinese (Traditional)", "zh-Hant"),
        (".Simplified Chinese", "zh-Hans"),
        (".Brazilian Portuguese", "pt-BR"),
        (".Spanish (Latin American)", "es-419"),
    ]);
}

#[test]
fn names_in_the_viewers_language_are_understood() {
    table(&[
        (".Deutsch", "de"),
        (".Français", "fr"),
        (".Franc\u{327}ais", "fr"),
        (".francais", "fr"),
        (".Español", "es"),
        (".espanol", "es"),
        (".esp", "es"),
        (".Italiano", "it"),
        (".Português", "pt"),
        (".Polski", "pl"),
        (".русский", "ru"),
        (".русскии\u{306}", "ru"),
        (".中文", "zh"),
        (".简体", "zh-Hans"),
        (".繁體", "zh-Hant"),
        (".latino", "es-419"),
        (".castellano", "es-ES"),
        (".Čeština", "cs"),
        (".한국어", "ko"),
    ]);
}

#[test]
fn flags_stand_anywhere() {
    table(&[
        (".en.forced", "en (forced)"),
        (".forced.en", "en (forced)"),
        (".en.sdh", "en (SDH)"),
        (".en.SDH.forced", "en (SDH, forced)"),
        (".en.cc", "en (CC)"),
        (".en.closedcaptions", "en (CC)"),
        (".en[cc]", "en (CC)"),
        (".en.hi", "en (SDH)"),
        (".[hi].en", "en (SDH)"),
        (".hi", "hi"),
        (".hi.hi", "hi (SDH)"),
        (".hi.forced", "hi (forced)"),
        (".hin.hi", "hi (SDH)"),
        (".pt-BR.default", "pt-BR *"),
        (".forced", "- Subtitles (forced)"),
        (".sdh", "- Subtitles (SDH)"),
        (".English (SDH)", "en (SDH)"),
        (".English SDH", "en (SDH)"),
        (".English-SDH", "en (SDH)"),
        (".English [SDH]", "en (SDH)"),
        (".English-Forced", "en (forced)"),
        ("_en_sdh_forced", "en (SDH, forced)"),
        ("-fr-cc", "fr (CC)"),
        (".part one.cc.part two", "- part one, part two, CC"),
    ]);
}

#[test]
fn numbers_and_titles_become_notes() {
    table(&[
        (".2.eng", "en (2)"),
        (".eng.2", "en (2)"),
        (".1.en.forced.cc", "en (1, CC, forced)"),
        (".title.en", "en (title)"),
        (".en.title", "en (title)"),
        (".eng.forced.testtitle", "en (testtitle, forced)"),
        (".commentary.en", "en (commentary)"),
        (".commentary", "- commentary"),
        (".full", "- full"),
        (".en.full", "en (full)"),
        (".en.ai", "en (ai)"),
        (".en.synced", "en (synced)"),
        (".subs", "- Subtitles"),
        ("(1)", "- Subtitles (1)"),
        (".en(1)", "en (1)"),
        (".en-orig", "en (orig)"),
        (".en-j3PyPqV-e1s", "en (j3PyPqV-e1s)"),
        (".mkv", "- Subtitles"),
        (".mkv.en", "en"),
        (".Signs & Songs.en", "en (Signs & Songs)"),
        (".English.Patient.fr", "fr (English.Patient)"),
        (".No.Way.Home.en", "en (No.Way.Home)"),
        (".German English", "de (English)"),
        (".en.de", "en (de)"),
        (".a\nb", "- a b"),
    ]);
}

#[test]
fn separators_are_many() {
    table(&[
        ("_eng", "en"),
        ("-en", "en"),
        (" en", "en"),
        (" (English)", "en"),
        (".[English]", "en"),
        ("【简体】", "zh-Hans"),
        ("..en", "en"),
        (".", "- Subtitles"),
        (" - ", "- Subtitles"),
    ]);
}

#[test]
fn whole_name_counts_codes_at_the_end_only() {
    for (stem, expected) in [
        ("English", "en"),
        ("2_English", "en (2)"),
        ("3_German-forced", "de (3, forced)"),
        ("subtitle", "- Subtitles"),
        ("It.2017.1080p", "- It.2017.1080p"),
        ("No.Time.to.Die.2021.fr", "fr (No.Time.to.Die.2021)"),
        ("eng", "en"),
        ("The.Italian.Job.2003", "- The.Italian.Job.2003"),
        ("film.pt-BR.forced", "pt-BR (film, forced)"),
    ] {
        assert_eq!(shown(&Track::parse(stem, true)), expected, "{stem}");
    }
    for (stem, is_understood) in [
        ("English", true),
        ("2_English", true),
        ("eng.forced", true),
        ("Subtitles", true),
        ("Some.Film.en", false),
        ("commentary", false),
        ("2017", false),
    ] {
        assert_eq!(
            Track::parse(stem, true).is_understood,
            is_understood,
            "{stem}"
        );
    }
}

#[test]
fn label_shows_the_name_as_written_or_the_tag() {
    for (infix, label) in [
        (".Deutsch.forced", "Deutsch (forced)"),
        (".Brazilian Portuguese", "Brazilian Portuguese"),
        (".ger", "de"),
        (".chs&eng", "zh-Hans (eng)"),
        (".commentary", "commentary"),
        ("", "Subtitles"),
    ] {
        assert_eq!(Track::parse(infix, false).label(), label);
    }
}

/// More names from release groups, tools, sites and people.
#[test]
fn names_from_the_wild_are_read_as_people_mean_them() {
    table(&[
        // Bazarr, Plex, Jellyfin, Kodi, Emby.
        (".en.default.forced", "en (forced) *"),
        (".English.forced.eng", "en (forced)"),
        (".Director's Commentary.en", "en (Director's Commentary)"),
        (".es-MX.forced", "es-MX (forced)"),
        // Netflix, Amazon and Disney rips.
        (".en[cc]-forced", "en (CC, forced)"),
        (".zh-Hant[Netflix]", "zh-Hant (Netflix)"),
        (".pt-BR[forced]", "pt-BR (forced)"),
        (".en-GB [SDH]", "en-GB (SDH)"),
        ("_track3_[eng]", "en (track3)"),
        ("_track4_[und]", "- track4"),
        (".track_2.[ger]", "de (track_2)"),
        // Anime.
        (" [JapanSubs]", "- JapanSubs"),
        (".[SubsPlease].en", "en (SubsPlease)"),
        (".jpsc", "zh-Hans"),
        (".tc", "zh-Hant"),
        (".CHS&JPN", "zh-Hans (JPN)"),
        (".简日双语", "zh-Hans"),
        (".繁日雙語", "zh-Hant"),
        (".JPTC", "zh-Hant"),
        (".Signs.eng", "en (Signs)"),
        // China.
        (".简体&英文", "zh-Hans (英文)"),
        (".中英文", "zh-Hans"),
        (".zh.chs", "zh-Hans"),
        (".GB", "en-GB"),
        // Brazil, Spain, Latin America.
        (".legendas.pt-br", "pt-BR"),
        (".Legendado", "- Legendado"),
        (".PT-BR.WEB", "pt-BR (WEB)"),
        (".Castellano.Forzados", "es-ES (forced)"),
        (".Spa.Lat", "es-419"),
        (".Español Latino", "es-419"),
        (".español (España)", "es-ES"),
        // Russia, Poland, Czechia, Hungary, Balkans.
        (".rus(full)", "ru (full)"),
        (".Русские", "ru"),
        (".rus.Субтитры", "ru"),
        ("_PL", "pl"),
        (".pol.napisy24", "pl (napisy24)"),
        (".CZ titulky", "cs"),
        (".magyar", "hu"),
        (".SRB.Latin", "sr-Latn"),
        (".srpski.cirilica", "sr-Cyrl"),
        (".ELL", "el"),
        // France, Germany, Italy, Netherlands, Nordic.
        (".VOSTFR", "fr"),
        (".french.full", "fr (full)"),
        (".fre.SDH.1", "fr (1, SDH)"),
        (".German.FORCED.1080p", "de (1080p, forced)"),
        (".deutsch (Hörgeschädigte)", "de (SDH)"),
        (".Nederlands", "nl"),
        (".nordic", "- nordic"),
        (".HebDub", "- HebDub"),
        // yt-dlp, youtube.
        (".a.en", "en (a)"),
        (".live_chat", "- live_chat"),
        (" - Copy", "- Copy"),
    ]);
}

/// Rows of language, title and `forced`, then label and tag. An empty text means none.
#[test]
fn track_inside_a_video_is_labelled_by_title_and_language() {
    for (inside, expected) in [
        ("||", "Subtitles|"),
        ("||forced", "Subtitles (forced)|"),
        ("|Signs|forced", "Signs, forced|"),
        ("eng||", "English|en"),
        ("ger||forced", "German (forced)|de"),
        ("fre|French|", "French|fr"),
        ("spa|SDH\n|", "Spanish (SDH)|es"),
        ("en|Forced|forced", "English (Forced)|en"),
        ("br||", "Breton|br"),
        ("bre||", "Breton|br"),
        ("hin||", "Hindi|hi"),
        ("pt-BR||", "pt-BR|pt-BR"),
        ("zho-TW| |", "zh-TW|zh-TW"),
        ("tlh|a\tb|", "tlh (a b)|tlh"),
        ("x||", "x|x"),
        ("é||", "é|é"),
    ] {
        let parts: Vec<Option<&str>> = inside
            .split('|')
            .map(|it| Some(it).filter(|it| !it.is_empty()))
            .collect();
        let track = Track::inside(parts[0], parts[1], false, parts[2].is_some());
        let tag = track.language.as_deref().unwrap_or_default();
        assert_eq!(format!("{}|{tag}", track.label()), expected, "{inside:?}");
    }
}
