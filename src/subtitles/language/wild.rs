//! Further names as they are in the wild: release groups, tools, sites, people.

use super::*;

#[test]
fn names_from_the_wild() {
    let rows = [
        // Bazarr, Plex, Jellyfin, Kodi, Emby.
        (".en.hi.srt", "en (SDH)"),
        (".pt-PT.srt", "pt-PT"),
        (".zh-Hans-CN.srt", "zh-Hans-CN"),
        (".eng.default.srt", "en *"),
        (".en.default.forced.srt", "en (forced) *"),
        (".English.forced.eng.srt", "en (forced)"),
        (".en.cc.forced.srt", "en (CC, forced)"),
        (
            ".Director's Commentary.en.srt",
            "en (Director's Commentary)",
        ),
        (".es-ES.srt", "es-ES"),
        (".es-MX.forced.srt", "es-MX (forced)"),
        // Netflix, Amazon and Disney rips.
        (".en[cc]-forced.srt", "en (CC, forced)"),
        (".es-419[cc].srt", "es-419 (CC)"),
        (".zh-Hant[Netflix].srt", "zh-Hant (Netflix)"),
        (".pt-BR[forced].vtt", "pt-BR (forced)"),
        (".en-GB [SDH].srt", "en-GB (SDH)"),
        ("_track3_[eng].srt", "en (track3)"),
        ("_track4_[und].ass", "- track4"),
        (".track_2.[ger].srt", "de (track_2)"),
        // Anime.
        (" [JapanSubs].ass", "- JapanSubs"),
        (".[SubsPlease].en.ass", "en (SubsPlease)"),
        (".jpsc.ass", "zh-Hans"),
        (".sc.ass", "zh-Hans"),
        (".tc.ass", "zh-Hant"),
        (".CHS&JPN.ass", "zh-Hans (JPN)"),
        (".chs_jp.ass", "zh-Hans (jp)"),
        (".简日双语.ass", "zh-Hans"),
        (".繁日雙語.ass", "zh-Hant"),
        (".zh-CN.ass", "zh-Hans"),
        (".JPTC.ass", "zh-Hant"),
        (".Signs.eng.ass", "en (Signs)"),
        // China.
        (".简体&英文.srt", "zh-Hans (英文)"),
        (".中英文.srt", "zh-Hans"),
        (".zh.chs.srt", "zh-Hans"),
        (".GB.srt", "en-GB"),
        // Brazil, Spain, Latin America.
        (".legendas.pt-br.srt", "pt-BR"),
        (".Legendado.srt", "- Legendado"),
        (".PT-BR.WEB.srt", "pt-BR (WEB)"),
        (".Castellano.Forzados.srt", "es-ES (forced)"),
        (".Spa.Lat.srt", "es-419"),
        (".Español Latino.srt", "es-419"),
        (".español (España).srt", "es-ES"),
        // Russia, Poland, Czechia, Hungary, Balkans.
        (".rus(full).srt", "ru (full)"),
        (".Русские.srt", "ru"),
        (".rus.Субтитры.srt", "ru"),
        ("_PL.txt", "pl"),
        (".pol.napisy24.srt", "pl (napisy24)"),
        (".CZ titulky.srt", "cs"),
        (".magyar.srt", "hu"),
        (".SRB.Latin.srt", "sr-Latn"),
        (".srpski.cirilica.srt", "sr-Cyrl"),
        (".ELL.srt", "el"),
        // France, Germany, Italy, Netherlands, Nordic.
        (".VOSTFR.srt", "fr"),
        (".french.full.srt", "fr (full)"),
        (".fre.SDH.1.srt", "fr (1, SDH)"),
        (".German.FORCED.1080p.srt", "de (1080p, forced)"),
        (".deutsch (Hörgeschädigte).srt", "de (SDH)"),
        (".ITA.srt", "it"),
        (".Nederlands.srt", "nl"),
        (".nordic.srt", "- nordic"),
        (".HebDub.srt", "- HebDub"),
        // yt-dlp, youtube.
        (".en-US.vtt", "en-US"),
        (".a.en.vtt", "en (a)"),
        (".live_chat.srt", "- live_chat"),
        (" - Copy.srt", "- Copy"),
    ];
    let mut wrong = Vec::new();
    for (name, expected) in rows {
        let (infix, _) = name.rsplit_once('.').unwrap();
        let track = tests::shown(&Track::parse(infix));
        if track != expected {
            wrong.push(format!("{infix:?}: {track:?}, not {expected:?}"));
        }
    }
    let count = rows.len();
    assert!(wrong.is_empty(), "{} of {count}: {wrong:#?}", wrong.len());
}
