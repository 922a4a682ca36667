//! The words that occur in the names of subtitle files.
//!
//! The tables contain language codes, and the names of languages in which subtitles are common. If people use a code in
//! another sense than ISO, the sense of the people counts: `br` is Brazilian, `se` is Swedish.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::fold::fold;

/// The meaning of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// An unknown word.
    Text,
    /// A short number that distinguishes tracks and is not a year.
    Number,
    /// The tag of a language (BCP 47), for example `pt-BR`.
    Language(String),
    /// A region that identifies a variant of a language. It counts only after that language.
    Region(&'static str),
    /// The purpose of the subtitles: the first word of a row of [`FLAGS`].
    Flag(&'static str),
}

/// Returns the meaning of one word, or of several words with `_` between them. The words must be folded.
pub(super) fn meaning(words: &str) -> Option<Meaning> {
    static ALL: LazyLock<HashMap<String, Meaning>> = LazyLock::new(|| {
        type Kind = fn(&'static str) -> Meaning;
        let language: Kind = |tag| Meaning::Language(tag.to_owned());
        // If several tables contain a word, the last table counts.
        let tables = [
            (REGION_NAMES, Meaning::Region as Kind),
            (LANGUAGES, language),
            (PEOPLE, language),
            (FLAGS, Meaning::Flag),
        ];
        let words = tables.into_iter().flat_map(|(table, meaning)| {
            rows(table).map(move |(first, word)| (fold(word), meaning(first)))
        });
        words.collect()
    });
    ALL.get(words).cloned()
}

/// Returns the meaning of a language with a word for subtitles directly behind it: `英文字幕`, `engsub`. The text must be
/// folded.
pub(super) fn with_ending(text: &str) -> Option<Meaning> {
    let mut endings = ENDINGS.split(' ').map(fold);
    let language = endings.find_map(|ending| text.strip_suffix(&*ending))?;
    meaning(language).filter(|meaning| matches!(meaning, Meaning::Language(_)))
}

/// Returns the English name of a language tag: the first word that is not a code. Returns `None` for variants, because
/// people use `brazilian` as a whole name.
pub(super) fn english_name(tag: &str) -> Option<String> {
    let rows = LANGUAGES.split('|').chain(PEOPLE.split('|'));
    let mut rows = rows.filter(|_| !tag.contains('-'));
    let row = rows.find(|row| row.split(' ').next() == Some(tag))?;
    let name = row.split(' ').skip(1).find(|word| word.len() > 3)?;
    let (first, rest) = name.split_at_checked(1)?;
    Some(first.to_uppercase() + &rest.replace('_', " "))
}

/// Returns pairs: the first word of a row, and each word of the row, including the first.
fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    table.split('|').flat_map(|row| {
        let first = row.split(' ').next().unwrap_or_default();
        row.split(' ').map(move |word| (first, word))
    })
}

/// Returns the tag without region and script.
pub(in crate::subtitles) fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or_default()
}

/// Returns the tag with a folded subtag, if the subtag is common after this tag. A subtag is a script, or a region that
/// identifies a variant of the language.
pub(super) fn with_subtag(tag: &str, subtag: &str) -> Option<String> {
    let find = |list: &'static str| list.split(' ').find(|it| it.eq_ignore_ascii_case(subtag));
    let primary = primary(tag);
    let is_bare = tag == primary;
    let subtag = match (primary, subtag) {
        ("es", "la" | "xl" | "latin") => "419",
        ("sr" | "bs" | "uz" | "az", "latin") if is_bare => "Latn",
        ("zh", "cn") if is_bare => "Hans",
        ("zh", "tw") if is_bare => "Hant-TW",
        ("zh", "hk") if is_bare => "Hant-HK",
        ("zh", "mo") if is_bare => "Hant-MO",
        (_, "uk") => "GB",
        // The file contains two languages. The second code is not the region of the first language.
        _ if subtag != primary && find(NEIGHBOURS).is_some() => return None,
        _ => find(SCRIPTS)
            .filter(|_| is_bare)
            .or_else(|| find(REGIONS))?,
    };
    Some(format!("{tag}-{subtag}"))
}

const SCRIPTS: &str = "Arab Cyrl Deva Guru Hans Hant Hebr Latn";

/// The regions whose codes are also codes of common languages.
const NEIGHBOURS: &str = "da de es fi fr it jp kr nl pl pt ru tr";

const REGIONS: &str = "419 AE AR AT AU BD BE BG BO BR CA CH CL CN CO CR CU CZ DE DK DO EC EE EG ES FI FR GB GR GT HK \
     HN HR HU ID IE IL IN IQ IR IS IT JO JP KE KR KW LB LT LU LV LY MA ME MO MX MY NG NI NL NO NZ PA PE PH PK PL PR PT \
     PY RO RS RU SA SE SG SI SK SY TH TN TR TW TZ UA US UY VE VN ZA";

/// The codes of ISO 639-1 and ISO 639-2, and other languages that have subtitles. After the codes come names in
/// English, in the language itself, and in neighbouring languages. `_` means a space.
const LANGUAGES: &str = "\
     aa aar|ab abk|ae ave|af afr afrikaans|ak aka|am amh amharic አማርኛ|an arg aragonese|\
     ar ara arabic arab arabe arabisch العربية عربي عربى|as asm assamese|av ava|ay aym|\
     az aze azerbaijani azeri azərbaycan azərbaycanca|ba bak|be bel belarusian белорусский беларуская|\
     bg bul bulgarian български болгарский bulgarisch bulgare|bi bis|bm bam|bn ben bengali bangla বাংলা|bo bod tib tibetan|\
     br bre breton brezhoneg|bs bos bosnian bosanski|ca cat catalan català|ce che|ch cha|co cos corsican|cr cre|\
     cs ces cze czech čeština čeština cesky český česky tschechisch tchèque чешский|cu chu|cv chv|cy cym wel welsh cymraeg|\
     da dan danish dansk dänisch danois датский|\
     de deu ger german deutsch deutsche allemand alemán aleman tedesco alemão niemiecki duits tyska немецкий 德语 德文 ドイツ語 독일어|\
     dv div|dz dzo|ee ewe|el ell gre greek ελληνικά ελληνικα griechisch grec griego греческий|\
     en eng english englisch anglais inglés ingles inglese inglês angielski engels engelska английский англ 英语 英文 英語 영어 영문|\
     eo epo esperanto|es spa spanish español espanol espanhol spanisch espagnol spagnolo hiszpański испанский 西班牙语 スペイン語 스페인어|\
     et est estonian eesti|eu eus baq basque euskara|fa fas per persian farsi فارسی فارسي|ff ful|\
     fi fin finnish suomi finnisch finska финский|fj fij|fo fao faroese|\
     fr fra fre french français francais französisch francés frances francese francuski frans franska французский 法语 法文 フランス語 프랑스어|\
     fy fry frisian|ga gle irish gaeilge|gd gla|gl glg galician galego gallego|gn grn|gu guj gujarati|gv glv|ha hau hausa|\
     he heb iw hebrew עברית hebräisch hébreu иврит|ho hmo|hr hrv scr croatian hrvatski kroatisch хорватский|ht hat haitian_creole|\
     hu hun hungarian magyar ungarisch hongrois венгерский|hy hye arm armenian հայերեն|hz her|ia ina|\
     id ind in indonesian indonesia bahasa bahasa_indonesia indo|ie ile|ig ibo|ii iii|ik ipk|io ido|\
     is isl ice icelandic íslenska|it ita italian italiano italiana italienisch italien włoski итальянский 意大利语 イタリア語|iu iku|\
     ja jpn jp jap japanese 日本語 日文 日语 日語 일본어 japanisch japonais japonés japones японский|jv jav|\
     ka kat geo georgian ქართული|kg kon|ki kik|kj kua|kk kaz kazakh қазақша қазақ|kl kal|km khm khmer|kn kan kannada ಕನ್ನಡ|\
     ko kor korean 한국어 한글 韩语 韩文 韓語 韓文 韓国語 korea koreanisch coréen корейский|kr kau|ks kas|ku kur kurdish kurdî|kv kom|kw cor|\
     ky kir kyrgyz|la lat latin|lb ltz luxembourgish|lg lug|li lim|ln lin|lo lao|lt lit lithuanian lietuvių lietuviu|lu lub|\
     lv lav latvian latviešu latviski|mg mlg malagasy|mh mah|mi mri mao maori|mk mkd mac macedonian македонски|\
     ml mal malayalam മലയാളം|mn mon mongolian монгол|mr mar marathi मराठी|ms msa may malay melayu bahasa_melayu malaysian|\
     mt mlt maltese|my mya bur burmese|na nau|nb nob norwegian_bokmål bokmål|nd nde|ne nep nepali|ng ndo|\
     nl nld dut dutch nederlands flemish vlaams niederländisch néerlandais holandés голландский|nn nno norwegian_nynorsk nynorsk|\
     no nor norwegian norsk norwegisch норвежский|nr nbl|nv nav|ny nya|oc oci occitan|oj oji|om orm|or ori odia oriya|os oss|\
     pa pan punjabi|pi pli|pl pol polish polski polnisch polonais polaco польский|ps pus pashto|\
     pt por portuguese português portugues portugiesisch portugais portoghese португальский|qu que quechua|rm roh|rn run|\
     ro ron rum romanian română romana rumänisch roumain румынский|\
     ru rus russian русский русские рус russisch russe ruso rosyjski 俄语 俄文 ロシア語 러시아어|rw kin|sa san sanskrit|sc srd|sd snd|se sme|sg sag|\
     si sin sinhala sinhalese සිංහල|sk slk slo slovak slovenčina slovensky slowakisch словацкий|\
     sl slv slovenian slovene slovenščina slovenski|sm smo|sn sna|so som somali|sq sqi alb albanian shqip|\
     sr srp scc serbian srpski српски serbisch сербский|ss ssw|st sot|su sun|sv swe swedish svenska schwedisch suédois шведский|\
     sw swa swahili kiswahili|ta tam tamil தமிழ்|te tel telugu తెలుగు|tg tgk tajik|th tha thai ไทย ภาษาไทย|ti tir|tk tuk turkmen|\
     tl tgl tagalog|tn tsn|to ton|tr tur turkish türkçe turkce türkisch turc turco турецкий|ts tso|tt tat tatar|tw twi|ty tah|\
     ug uig uyghur|uk ukr ukrainian українська укр ukrainisch украинский|ur urd urdu اردو|uz uzb uzbek o'zbek oʻzbekcha|ve ven|\
     vi vie vietnamese viet tiếng_việt vietnamesisch việt|vo vol|wa wln|wo wol|xh xho xhosa|yi yid ji yiddish|yo yor yoruba|za zha|\
     zh zho chi chinese 中文 中字 中国語 중국어 汉语 漢語 国语 國語 chinesisch chinois chino китайский|zu zul zulu|\
     ast asturian|ckb|cmn mandarin 普通话 普通話|cnr montenegrin crnogorski|ext extremaduran|fil filipino|gsw|haw hawaiian|hsb|\
     mni manipuri|nds low_german|prs dari|sat santali|syr syriac|yue cantonese 粤语 粵語 廣東話 广东话";

/// The meanings that people, subtitle sites and release groups give to words. They override the codes above.
const PEOPLE: &str = "\
     ar-EG egyptian|bs ba|cnr mne me|cs cz|da dk|de-AT austrian|de-CH swiss swiss_german schweizerdeutsch|el gr|\
     en-AU australian|en-GB british gb|en-US american us usa|es sp esp spn cast|es-419 ea spl lat latino latinoamericano latinoamérica \
     latinoamerica latin_american latin_america lam latam|es-ES castilian castellano european_spanish|es-MX mx mexican|\
     et ee|fa ir|fr vf vff vostfr vostf|fr-CA canadian canadien vfq québécois quebecois|he il|hi hindi hin हिन्दी|ka ge|ko kr|nl-BE belgian|\
     pt-BR br pb pob ptb ptbr pobr bra brazil brasil brazilian brasileiro brasileira|pt-PT european_portuguese ptpt|sq al|\
     sr rs srb|sr-Cyrl cyrillic serbian_cyrillic ćirilica cirilica|sr-Latn serbian_latin latinica|sv se|uk ua ukrain|vi vn|\
     zh ch chn|zh-Hans cn sc chs zhs jpsc scjp gb2312 gbk hans simplified simp simplified_chinese zhcn gb_chinese ze 简 简体 简体中文 \
     简中 中文简体 简英 简体双语 中英 中英双语 中英文 双语 简日 简日双语 中日 中日双语 簡体 簡體|\
     zh-Hant zt cht zht tc jptc tcjp big5 hant traditional trad traditional_chinese 繁 繁体 繁體 繁体中文 繁體中文 繁中 正體 正體中文 中文繁體 中文繁体 繁英 繁日 繁日双语 繁日雙語|\
     zh-Hant-HK hk hongkong|zh-Hant-TW tw taiwan taiwanese zhtw";

/// The names of regions, which count only after a language. Each row begins with the folded code.
const REGION_NAMES: &str = "\
     419 latin_america latinoamérica|ar argentina|at austria österreich|au australia|be belgium belgique belgië|br brazil brasil|\
     ca canada|ch switzerland schweiz suisse|cn china|de germany deutschland|es spain españa|fr france|gb united_kingdom england|\
     hk hong_kong|ie ireland|in india|mx mexico méxico|pt portugal|tw taiwan|us united_states america";

/// The purposes. `hi` is Hindi or hearing impaired. The words in the row `-` contain no information for a viewer.
const FLAGS: &str = "\
     SDH hoh hearing_impaired hard_of_hearing hearingimpaired malentendants sordos hörgeschädigte|\
     CC closed_captions closed_caption closedcaptions closedcaption captions caption|\
     forced foreign foreign_parts foreign_only forzado forzados forcé forcés erzwungen forzati forced_narrative vynucené|\
     default|hi|\
     - und unknown sub subs subtitle subtitles subtitulos subtítulos legenda legendas untertitel sous_titres napisy titulky \
     felirat feliratok altyazı subtitrare subtitrări legendado legendados субтитры 字幕 자막 srt ass ssa vtt utf8 utf_8 mkv mp4 avi m4v mov webm ts wmv mpg";

/// The words for subtitles that people write behind a language without a separator.
const ENDINGS: &str = "字幕 자막 subs sub";

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_word_stands_for_one_language() {
        for table in [LANGUAGES, PEOPLE] {
            let mut all = BTreeMap::new();
            for (tag, word) in rows(table) {
                assert!(!tag.is_empty() && !word.is_empty(), "{tag} {word}");
                let other = all.insert(fold(word), tag);
                assert!(other.is_none_or(|other| other == tag), "{word}");
            }
        }
        let of_two = LANGUAGES.split('|').filter(|row| row.find(' ') == Some(2));
        // These are all codes of ISO 639-1 except Hindi.
        assert_eq!(of_two.count(), 182);
    }

    #[test]
    fn subtags_follow_a_language() {
        let rows = "pt br pt-BR|zh hant zh-Hant|zh-Hant hk zh-Hant-HK|zh cn zh-Hans|zh tw zh-Hant-TW|zh-Hans hant -|\
                    sr latn sr-Latn|es 419 es-419|es la es-419|en uk en-GB|de de de-DE|en de -|en zz -|en é -";
        for row in rows.split('|') {
            let [tag, subtag, expected] = row.split(' ').collect::<Vec<_>>()[..] else {
                panic!("{row}");
            };
            let tag = with_subtag(tag, subtag);
            assert_eq!(tag.as_deref().unwrap_or("-"), expected, "{row}");
        }
    }
}
