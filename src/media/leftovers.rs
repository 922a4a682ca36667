//! Names that operating systems and network drives leave behind: recycle bins, thumbnails, indexes, snapshots.

use std::ffi::OsStr;
use std::sync::LazyLock;

/// Names that begin with a dot are hidden already (`.Trash-1000`, `.@__thumb`, `.DS_Store`).
///
/// A name stands here only if people do not give it to a folder of films: `Recycle` alone could be one. The rows are those
/// of Windows, macOS, Linux and Android, Synology, QNAP, Netgear and NetApp.
const LEFTOVERS: &str = "\
     $recycle.bin|recycler|recycled|system volume information|$winreagent|$av_avg|$av_asw|msocache|thumbs.db|ehthumbs.db|\
     ehthumbs_vista.db|desktop.ini|pagefile.sys|hiberfil.sys|swapfile.sys|\
     __macosx|network trash folder|temporary items|thevolumesettingsfolder|icon\r|\
     lost+found|lost.dir|aquota.user|aquota.group|\
     @eadir|#recycle|#snapshot|@sharesnap|\
     @recycle|@recently-snapshot|@transcode|\
     recycle bin|~snapshot";

/// Whether a name is one that a system left behind, in upper or lower case.
pub(super) fn is_leftover(name: &OsStr) -> bool {
    // Split once: every name of every folder is compared.
    static ALL: LazyLock<Vec<&str>> = LazyLock::new(|| LEFTOVERS.split('|').collect());
    let name = name.as_encoded_bytes();
    let is = |known: &&str| known.as_bytes().eq_ignore_ascii_case(name);
    ALL.iter().any(is) || is_found_by_chkdsk(name)
}

/// `FOUND.000` and so on: what chkdsk of Windows saves of a damaged disk.
fn is_found_by_chkdsk(name: &[u8]) -> bool {
    let number = name.split_at_checked(6);
    number.is_some_and(|(start, number)| {
        start.eq_ignore_ascii_case(b"found.")
            && number.len() == 3
            && number.iter().all(u8::is_ascii_digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftovers_are_known_by_name_and_films_are_not() {
        let leftovers = "$RECYCLE.BIN|RECYCLER|System Volume Information|Thumbs.db|desktop.ini|__MACOSX|Icon\r|\
                         lost+found|LOST.DIR|@eaDir|#recycle|@Recycle|Recycle Bin|~snapshot|FOUND.000|found.123";
        let films = "|film.mp4|Recycle|lost+found.mp4|Lost and Found|#recycle me|@home|$9.99 (2008)|found.mp4|\
                     found.0000|FOUND.00|Icon|Snapshot";
        for (names, expected) in [(leftovers, true), (films, false)] {
            for name in names.split('|') {
                assert_eq!(is_leftover(OsStr::new(name)), expected, "{name:?}");
            }
        }
    }
}
