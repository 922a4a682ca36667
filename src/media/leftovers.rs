//! Names that operating systems and network drives create: recycle bins, thumbnails, indexes, snapshots.

use std::ffi::OsStr;
use std::sync::LazyLock;

/// The names, in lower case. Names that begin with a dot are hidden already (`.Trash-1000`, `.@__thumb`, `.DS_Store`).
///
/// The list contains only names that people do not use for a folder of films, so it does not contain `Recycle`. The
/// names are in groups, in this order: Windows (two lines), macOS, Linux and Android, Synology, QNAP, Netgear and
/// NetApp.
const LEFTOVERS: &str = "\
     $recycle.bin|recycler|recycled|system volume information|$winreagent|$av_avg|$av_asw|msocache|thumbs.db|ehthumbs.db|\
     ehthumbs_vista.db|desktop.ini|pagefile.sys|hiberfil.sys|swapfile.sys|\
     __macosx|network trash folder|temporary items|thevolumesettingsfolder|icon\r|\
     lost+found|lost.dir|aquota.user|aquota.group|\
     @eadir|#recycle|#snapshot|@sharesnap|\
     @recycle|@recently-snapshot|@transcode|\
     recycle bin|~snapshot";

/// Returns whether an operating system or a network drive uses this name. Ignores case.
pub(super) fn is_leftover(name: &OsStr) -> bool {
    // The list is split once, because each name in each folder is compared with it.
    static ALL: LazyLock<Vec<&str>> = LazyLock::new(|| LEFTOVERS.split('|').collect());
    let name = name.as_encoded_bytes();
    let is = |known: &&str| known.as_bytes().eq_ignore_ascii_case(name);
    ALL.iter().any(is) || is_found_by_chkdsk(name)
}

/// Whether a name has the form `FOUND.000`. In such folders, chkdsk of Windows saves data of a damaged disk.
fn is_found_by_chkdsk(name: &[u8]) -> bool {
    let number = name.split_at_checked(6);
    number.is_some_and(|(start, number)| {
        start.eq_ignore_ascii_case(b"found.")
            && number.len() == 3
            && number.iter().all(u8::is_ascii_digit)
    })
}
