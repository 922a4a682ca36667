//! Tables for older encodings: the DOS code pages that encoding_rs does not have, and the letters and domains of
//! languages.

/// The code page for DOS in Western Europe: the characters from 0x80 on.
pub(super) const CP850: &str = "\
     ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
     └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";
/// The code page for DOS in Central Europe.
pub(super) const CP852: &str = "\
     ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐\
     └┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}";
/// The code page for DOS with Cyrillic letters, the older of the two pages.
pub(super) const CP855: &str = "\
     ђЂѓЃёЁєЄѕЅіІїЇјЈљЉњЊћЋќЌўЎџЏюЮъЪаАбБцЦдДеЕфФгГ«»░▒▓│┤хХиИ╣║╗╝йЙ┐\
     └┴┬├─┼кК╚╔╩╦╠═╬¤лЛмМнНоОп┘┌█▄Пя▀ЯрРсСтТуУжЖвВьЬ№\u{ad}ыЫзЗшШэЭщЩчЧ§■\u{a0}";

/// The non-ASCII letters of languages that may occur in file names, each after the tag.
pub(super) const ALPHABETS: &str = "\
     bs čćđšž|cs áčďéěíňóřšťúůýž|da æøåé|de äöüß|eo ĉĝĥĵŝŭ|es áéíñóúü|et äõöšüž|fi äöåšž|fr àâæçéèêëîïôœùûüÿ|\
     hr čćđšž|hu áéíóöőúüű|is áéíóúýðþæö|it àèéìíòóùú|lt ąčęėįšųūž|lv āčēģīķļņšūž|mt ċġħż|nb æøåéòô|nl éèëïöóüá|\
     no æøåéòô|pl ąćęłńóśźż|pt àáâãçéêíóôõú|ro ăâîșțşţ|sk áäčďéíĺľňóôŕšťúýž|sl čšž|sq çë|sv äöåé|tr çğıöşüâî";

/// The top-level domains, with the languages that chardetng expects there.
pub(super) const DOMAINS: &str = "\
     tw zh-Hant|hk yue|cn zh|jp ja|kr ko|ua uk|by be|ru ru|bg bg|mk mk|mn mn|kz kk ky tg tt|ba sr bs cnr|cz cs|si sl|pl pl|sk sk|\
     hu hu|hr hr|ro ro|lt lt|lv lv|tr tr az|th th|is is|gr el|il he yi|sa ar fa ur ku ps|vn vi";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_128_characters() {
        for table in [CP850, CP852, CP855] {
            assert_eq!(table.chars().count(), 128);
        }
    }
}
