//! Names of languages in English, with the codes that stand for them in file names.
//!
//! A table of our own: isolang, with its 7,900 languages and without regions, makes the stripped binary 870 KB larger.
//! Subtitles exist in some 200 languages.

/// A language: its tag (BCP 47), other codes for it (ISO 639-2 both ways, and what subtitle sites made up), its name.
pub(super) struct Language(
    pub(super) &'static str,
    pub(super) &'static str,
    pub(super) &'static str,
);

/// By its tag or another code, in lower case.
pub(super) fn by_code(of: &str) -> Option<&'static Language> {
    // No other code is an empty list, and no code.
    let is_listed = |codes: &str| !of.is_empty() && codes.split(' ').any(|code| code == of);
    LANGUAGES
        .iter()
        .find(|Language(tag, codes, _)| *tag == of || is_listed(codes))
}

/// By its name, in any case.
pub(super) fn by_name(of: &str) -> Option<&'static Language> {
    LANGUAGES
        .iter()
        .find(|Language(_, _, name)| name.eq_ignore_ascii_case(of))
}

/// All of ISO 639-1, and what else has subtitles.
const LANGUAGES: &[Language] = &[
    Language("aa", "aar", "Afar"),
    Language("ab", "abk", "Abkhazian"),
    Language("ae", "ave", "Avestan"),
    Language("af", "afr", "Afrikaans"),
    Language("ak", "aka", "Akan"),
    Language("am", "amh", "Amharic"),
    Language("an", "arg", "Aragonese"),
    Language("ar", "ara", "Arabic"),
    Language("as", "asm", "Assamese"),
    Language("av", "ava", "Avaric"),
    Language("ay", "aym", "Aymara"),
    Language("az", "aze", "Azerbaijani"),
    Language("ba", "bak", "Bashkir"),
    Language("be", "bel", "Belarusian"),
    Language("bg", "bul", "Bulgarian"),
    Language("bi", "bis", "Bislama"),
    Language("bm", "bam", "Bambara"),
    Language("bn", "ben", "Bengali"),
    Language("bo", "bod tib", "Tibetan"),
    Language("br", "bre", "Breton"),
    Language("bs", "bos", "Bosnian"),
    Language("ca", "cat", "Catalan"),
    Language("ce", "che", "Chechen"),
    Language("ch", "cha", "Chamorro"),
    Language("co", "cos", "Corsican"),
    Language("cr", "cre", "Cree"),
    Language("cs", "ces cze", "Czech"),
    Language("cu", "chu", "Church Slavonic"),
    Language("cv", "chv", "Chuvash"),
    Language("cy", "cym wel", "Welsh"),
    Language("da", "dan", "Danish"),
    Language("de", "deu ger", "German"),
    Language("dv", "div", "Divehi"),
    Language("dz", "dzo", "Dzongkha"),
    Language("ee", "ewe", "Ewe"),
    Language("el", "ell gre", "Greek"),
    Language("en", "eng", "English"),
    Language("eo", "epo", "Esperanto"),
    Language("es", "spa", "Spanish"),
    Language("et", "est", "Estonian"),
    Language("eu", "eus baq", "Basque"),
    Language("fa", "fas per", "Persian"),
    Language("ff", "ful", "Fulah"),
    Language("fi", "fin", "Finnish"),
    Language("fj", "fij", "Fijian"),
    Language("fo", "fao", "Faroese"),
    Language("fr", "fra fre", "French"),
    Language("fy", "fry", "Western Frisian"),
    Language("ga", "gle", "Irish"),
    Language("gd", "gla", "Scottish Gaelic"),
    Language("gl", "glg", "Galician"),
    Language("gn", "grn", "Guarani"),
    Language("gu", "guj", "Gujarati"),
    Language("gv", "glv", "Manx"),
    Language("ha", "hau", "Hausa"),
    Language("he", "heb iw", "Hebrew"),
    Language("hi", "hin", "Hindi"),
    Language("ho", "hmo", "Hiri Motu"),
    Language("hr", "hrv scr", "Croatian"),
    Language("ht", "hat", "Haitian Creole"),
    Language("hu", "hun", "Hungarian"),
    Language("hy", "hye arm", "Armenian"),
    Language("hz", "her", "Herero"),
    Language("ia", "ina", "Interlingua"),
    Language("id", "ind in", "Indonesian"),
    Language("ie", "ile", "Interlingue"),
    Language("ig", "ibo", "Igbo"),
    Language("ii", "iii", "Sichuan Yi"),
    Language("ik", "ipk", "Inupiaq"),
    Language("io", "ido", "Ido"),
    Language("is", "isl ice", "Icelandic"),
    Language("it", "ita", "Italian"),
    Language("iu", "iku", "Inuktitut"),
    Language("ja", "jpn jp", "Japanese"),
    Language("jv", "jav", "Javanese"),
    Language("ka", "kat geo", "Georgian"),
    Language("kg", "kon", "Kongo"),
    Language("ki", "kik", "Kikuyu"),
    Language("kj", "kua", "Kuanyama"),
    Language("kk", "kaz", "Kazakh"),
    Language("kl", "kal", "Kalaallisut"),
    Language("km", "khm", "Khmer"),
    Language("kn", "kan", "Kannada"),
    Language("ko", "kor", "Korean"),
    Language("kr", "kau", "Kanuri"),
    Language("ks", "kas", "Kashmiri"),
    Language("ku", "kur", "Kurdish"),
    Language("kv", "kom", "Komi"),
    Language("kw", "cor", "Cornish"),
    Language("ky", "kir", "Kyrgyz"),
    Language("la", "lat", "Latin"),
    Language("lb", "ltz", "Luxembourgish"),
    Language("lg", "lug", "Ganda"),
    Language("li", "lim", "Limburgish"),
    Language("ln", "lin", "Lingala"),
    Language("lo", "lao", "Lao"),
    Language("lt", "lit", "Lithuanian"),
    Language("lu", "lub", "Luba-Katanga"),
    Language("lv", "lav", "Latvian"),
    Language("mg", "mlg", "Malagasy"),
    Language("mh", "mah", "Marshallese"),
    Language("mi", "mri mao", "Maori"),
    Language("mk", "mkd mac", "Macedonian"),
    Language("ml", "mal", "Malayalam"),
    Language("mn", "mon", "Mongolian"),
    Language("mr", "mar", "Marathi"),
    Language("ms", "msa may", "Malay"),
    Language("mt", "mlt", "Maltese"),
    Language("my", "mya bur", "Burmese"),
    Language("na", "nau", "Nauru"),
    Language("nb", "nob", "Norwegian Bokmål"),
    Language("nd", "nde", "North Ndebele"),
    Language("ne", "nep", "Nepali"),
    Language("ng", "ndo", "Ndonga"),
    Language("nl", "nld dut", "Dutch"),
    Language("nn", "nno", "Norwegian Nynorsk"),
    Language("no", "nor", "Norwegian"),
    Language("nr", "nbl", "South Ndebele"),
    Language("nv", "nav", "Navajo"),
    Language("ny", "nya", "Nyanja"),
    Language("oc", "oci", "Occitan"),
    Language("oj", "oji", "Ojibwa"),
    Language("om", "orm", "Oromo"),
    Language("or", "ori", "Odia"),
    Language("os", "oss", "Ossetian"),
    Language("pa", "pan", "Punjabi"),
    Language("pi", "pli", "Pali"),
    Language("pl", "pol", "Polish"),
    Language("ps", "pus", "Pashto"),
    Language("pt", "por", "Portuguese"),
    Language("qu", "que", "Quechua"),
    Language("rm", "roh", "Romansh"),
    Language("rn", "run", "Rundi"),
    Language("ro", "ron rum", "Romanian"),
    Language("ru", "rus", "Russian"),
    Language("rw", "kin", "Kinyarwanda"),
    Language("sa", "san", "Sanskrit"),
    Language("sc", "srd", "Sardinian"),
    Language("sd", "snd", "Sindhi"),
    Language("se", "sme", "Northern Sami"),
    Language("sg", "sag", "Sango"),
    Language("si", "sin", "Sinhala"),
    Language("sk", "slk slo", "Slovak"),
    Language("sl", "slv", "Slovenian"),
    Language("sm", "smo", "Samoan"),
    Language("sn", "sna", "Shona"),
    Language("so", "som", "Somali"),
    Language("sq", "sqi alb", "Albanian"),
    Language("sr", "srp scc", "Serbian"),
    Language("ss", "ssw", "Swati"),
    Language("st", "sot", "Southern Sotho"),
    Language("su", "sun", "Sundanese"),
    Language("sv", "swe", "Swedish"),
    Language("sw", "swa", "Swahili"),
    Language("ta", "tam", "Tamil"),
    Language("te", "tel", "Telugu"),
    Language("tg", "tgk", "Tajik"),
    Language("th", "tha", "Thai"),
    Language("ti", "tir", "Tigrinya"),
    Language("tk", "tuk", "Turkmen"),
    Language("tl", "tgl", "Tagalog"),
    Language("tn", "tsn", "Tswana"),
    Language("to", "ton", "Tongan"),
    Language("tr", "tur", "Turkish"),
    Language("ts", "tso", "Tsonga"),
    Language("tt", "tat", "Tatar"),
    Language("tw", "twi", "Twi"),
    Language("ty", "tah", "Tahitian"),
    Language("ug", "uig", "Uyghur"),
    Language("uk", "ukr", "Ukrainian"),
    Language("ur", "urd", "Urdu"),
    Language("uz", "uzb", "Uzbek"),
    Language("ve", "ven", "Venda"),
    Language("vi", "vie", "Vietnamese"),
    Language("vo", "vol", "Volapük"),
    Language("wa", "wln", "Walloon"),
    Language("wo", "wol", "Wolof"),
    Language("xh", "xho", "Xhosa"),
    Language("yi", "yid ji", "Yiddish"),
    Language("yo", "yor", "Yoruba"),
    Language("za", "zha", "Zhuang"),
    Language("zh", "zho chi", "Chinese"),
    Language("zu", "zul", "Zulu"),
    Language("ast", "", "Asturian"),
    Language("ckb", "", "Central Kurdish"),
    Language("cmn", "", "Mandarin"),
    Language("fil", "", "Filipino"),
    Language("gsw", "", "Swiss German"),
    Language("haw", "", "Hawaiian"),
    Language("hsb", "", "Upper Sorbian"),
    Language("nds", "", "Low German"),
    Language("yue", "", "Cantonese"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_and_every_name_stands_for_one_language() {
        let (mut codes, mut names) = (BTreeSet::new(), BTreeSet::new());
        for Language(tag, others, name) in LANGUAGES {
            assert!(names.insert(name.to_lowercase()), "{name}");
            for code in others
                .split(' ')
                .filter(|code| !code.is_empty())
                .chain([*tag])
            {
                assert!(codes.insert(code), "{code}");
                let is_code = matches!(code.len(), 2 | 3);
                assert!(
                    is_code && code.bytes().all(|b| b.is_ascii_lowercase()),
                    "{code}"
                );
            }
        }
        assert_eq!(
            LANGUAGES
                .iter()
                .filter(|language| language.0.len() == 2)
                .count(),
            183
        );
    }
}
