//! Tables for older encodings: the DOS code pages that encoding_rs does not have, the letters of each language, and the
//! top-level domains that chardetng accepts as hints for a language.

/// Code pages with their characters from 0x80 on. cp850 is for Western Europe, cp852 for Central Europe, cp855 for
/// Cyrillic letters.
pub(super) const PAGES: &str = "\
     cp850 ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
     └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}|\
     cp852 ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐\
     └┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}|\
     cp855 ђЂѓЃёЁєЄѕЅіІїЇјЈљЉњЊћЋќЌўЎџЏюЮъЪаАбБцЦдДеЕфФгГ«»░▒▓│┤хХиИ╣║╗╝йЙ┐\
     └┴┬├─┼кК╚╔╩╦╠═╬¤лЛмМнНоОп┘┌█▄Пя▀ЯрРсСтТуУжЖвВьЬ№\u{ad}ыЫзЗшШэЭщЩчЧ§■\u{a0}";

/// Language tags, each with the non-ASCII letters of the language.
pub(super) const ALPHABETS: &str = "\
     bs čćđšž|cs áčďéěíňóřšťúůýž|da æøåé|de äöüß|eo ĉĝĥĵŝŭ|es áéíñóúü|et äõöšüž|fi äöåšž|fr àâæçéèêëîïôœùûüÿ|\
     hr čćđšž|hu áéíóöőúüű|is áéíóúýðþæö|it àèéìíòóùú|lt ąčęėįšųūž|lv āčēģīķļņšūž|mt ċġħż|nb æøåéòô|nl éèëïöóüá|\
     no æøåéòô|pl ąćęłńóśźż|pt àáâãçéêíóôõú|ro ăâîșțşţ|sk áäčďéíĺľňóôŕšťúýž|sl čšž|sq çë|sv äöåé|tr çğıöşüâî";

/// Top-level domains, each with the languages that chardetng expects there.
pub(super) const DOMAINS: &str = "\
     tw zh-Hant|hk yue|cn zh|jp ja|kr ko|ua uk|by be|ru ru|bg bg|mk mk|mn mn|kz kk ky tg tt|ba sr bs cnr|cz cs|si sl|pl pl|sk sk|\
     hu hu|hr hr|ro ro|lt lt|lv lv|tr tr az|th th|is is|gr el|il he yi|sa ar fa ur ku ps|vn vi";

/// Returns the text after a key in a table of the form `KEY TEXT|KEY TEXT`.
pub(super) fn row(table: &'static str, key: &str) -> Option<&'static str> {
    let mut rows = table.split('|').filter_map(|row| row.split_once(' '));
    rows.find(|row| row.0 == key).map(|row| row.1)
}
