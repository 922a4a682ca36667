//! Names of languages in English, with the codes that stand for them in file names.
//!
//! A table of our own: isolang, with its 7,900 languages and without regions, makes the stripped binary 870 KB larger.
//! Subtitles exist in some 200 languages.

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Language {
    /// Its tag (BCP 47).
    pub(super) tag: &'static str,
    /// Its name in English.
    pub(super) name: &'static str,
}

/// By its tag or another code, in lower case.
pub(super) fn by_code(of: &str) -> Option<Language> {
    rows()
        .find(|(language, codes)| language.tag == of || codes.split(',').any(|code| code == of))
        .map(|(language, _)| language)
}

/// By its name, in any case.
pub(super) fn by_name(of: &str) -> Option<Language> {
    rows()
        .map(|(language, _)| language)
        .find(|language| language.name.eq_ignore_ascii_case(of))
}

/// The languages with their other codes.
fn rows() -> impl Iterator<Item = (Language, &'static str)> {
    LANGUAGES.lines().filter_map(|line| {
        let mut words = line.splitn(3, ' ');
        let (tag, codes, name) = (words.next()?, words.next()?, words.next()?);
        Some((Language { tag, name }, codes))
    })
}

/// All of ISO 639-1, and what else has subtitles. In each line the tag, other codes (ISO 639-2 both ways, and what is
/// outdated but in use; `-` for none), and the name. One text: as a table of strings it would be five times as large.
const LANGUAGES: &str = "\
aa aar Afar
ab abk Abkhazian
ae ave Avestan
af afr Afrikaans
ak aka Akan
am amh Amharic
an arg Aragonese
ar ara Arabic
as asm Assamese
av ava Avaric
ay aym Aymara
az aze Azerbaijani
ba bak Bashkir
be bel Belarusian
bg bul Bulgarian
bi bis Bislama
bm bam Bambara
bn ben Bengali
bo bod,tib Tibetan
br bre Breton
bs bos Bosnian
ca cat Catalan
ce che Chechen
ch cha Chamorro
co cos Corsican
cr cre Cree
cs ces,cze Czech
cu chu Church Slavonic
cv chv Chuvash
cy cym,wel Welsh
da dan Danish
de deu,ger German
dv div Divehi
dz dzo Dzongkha
ee ewe Ewe
el ell,gre Greek
en eng English
eo epo Esperanto
es spa Spanish
et est Estonian
eu eus,baq Basque
fa fas,per Persian
ff ful Fulah
fi fin Finnish
fj fij Fijian
fo fao Faroese
fr fra,fre French
fy fry Western Frisian
ga gle Irish
gd gla Scottish Gaelic
gl glg Galician
gn grn Guarani
gu guj Gujarati
gv glv Manx
ha hau Hausa
he heb,iw Hebrew
hi hin Hindi
ho hmo Hiri Motu
hr hrv,scr Croatian
ht hat Haitian Creole
hu hun Hungarian
hy hye,arm Armenian
hz her Herero
ia ina Interlingua
id ind,in Indonesian
ie ile Interlingue
ig ibo Igbo
ii iii Sichuan Yi
ik ipk Inupiaq
io ido Ido
is isl,ice Icelandic
it ita Italian
iu iku Inuktitut
ja jpn,jp Japanese
jv jav Javanese
ka kat,geo Georgian
kg kon Kongo
ki kik Kikuyu
kj kua Kuanyama
kk kaz Kazakh
kl kal Kalaallisut
km khm Khmer
kn kan Kannada
ko kor Korean
kr kau Kanuri
ks kas Kashmiri
ku kur Kurdish
kv kom Komi
kw cor Cornish
ky kir Kyrgyz
la lat Latin
lb ltz Luxembourgish
lg lug Ganda
li lim Limburgish
ln lin Lingala
lo lao Lao
lt lit Lithuanian
lu lub Luba-Katanga
lv lav Latvian
mg mlg Malagasy
mh mah Marshallese
mi mri,mao Maori
mk mkd,mac Macedonian
ml mal Malayalam
mn mon Mongolian
mr mar Marathi
ms msa,may Malay
mt mlt Maltese
my mya,bur Burmese
na nau Nauru
nb nob Norwegian Bokmål
nd nde North Ndebele
ne nep Nepali
ng ndo Ndonga
nl nld,dut Dutch
nn nno Norwegian Nynorsk
no nor Norwegian
nr nbl South Ndebele
nv nav Navajo
ny nya Nyanja
oc oci Occitan
oj oji Ojibwa
om orm Oromo
or ori Odia
os oss Ossetian
pa pan Punjabi
pi pli Pali
pl pol Polish
ps pus Pashto
pt por Portuguese
qu que Quechua
rm roh Romansh
rn run Rundi
ro ron,rum Romanian
ru rus Russian
rw kin Kinyarwanda
sa san Sanskrit
sc srd Sardinian
sd snd Sindhi
se sme Northern Sami
sg sag Sango
si sin Sinhala
sk slk,slo Slovak
sl slv Slovenian
sm smo Samoan
sn sna Shona
so som Somali
sq sqi,alb Albanian
sr srp,scc Serbian
ss ssw Swati
st sot Southern Sotho
su sun Sundanese
sv swe Swedish
sw swa Swahili
ta tam Tamil
te tel Telugu
tg tgk Tajik
th tha Thai
ti tir Tigrinya
tk tuk Turkmen
tl tgl Tagalog
tn tsn Tswana
to ton Tongan
tr tur Turkish
ts tso Tsonga
tt tat Tatar
tw twi Twi
ty tah Tahitian
ug uig Uyghur
uk ukr Ukrainian
ur urd Urdu
uz uzb Uzbek
ve ven Venda
vi vie Vietnamese
vo vol Volapük
wa wln Walloon
wo wol Wolof
xh xho Xhosa
yi yid,ji Yiddish
yo yor Yoruba
za zha Zhuang
zh zho,chi Chinese
zu zul Zulu
ast - Asturian
ckb - Central Kurdish
cmn - Mandarin
fil - Filipino
gsw - Swiss German
haw - Hawaiian
hsb - Upper Sorbian
nds - Low German
yue - Cantonese";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_and_every_name_stands_for_one_language() {
        let (mut all, mut names) = (BTreeSet::new(), BTreeSet::new());
        for (Language { tag, name }, codes) in rows() {
            assert!(names.insert(name.to_lowercase()), "{name}");
            assert!(name.starts_with(char::is_uppercase), "{name}");
            for code in codes.split(',').filter(|code| *code != "-").chain([tag]) {
                assert!(all.insert(code), "{code}");
                assert!(matches!(code.len(), 2 | 3), "{code}");
                assert!(code.bytes().all(|b| b.is_ascii_lowercase()), "{code}");
            }
        }
        assert_eq!(rows().count(), LANGUAGES.lines().count());
        let of_two = rows().filter(|(language, _)| language.tag.len() == 2);
        assert_eq!(of_two.count(), 183);
    }
}
