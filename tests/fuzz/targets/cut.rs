use std::io::Cursor;

use videoserve::parsers;

/// Joins parts of an MP4 file to a new file, a cut. The first three bytes choose two parts. The other bytes are the
/// file.
pub fn cut(data: &[u8]) {
    let &[first, duration, second, ref file @ ..] = data else {
        return;
    };
    let time = |byte: u8| u64::from(byte) * 40;
    let parts = [
        (time(first), Some(time(first) + time(duration) + 1)),
        (time(second), None),
    ];
    for parts in [&parts[..], &parts[..1], &[(0, None)]] {
        let Some(whole) = parsers::cut(file, parts) else {
            continue;
        };
        let info = parsers::media_info(Cursor::new(&whole)).expect("memory does not fail");
        assert!(info.is_some(), "the cut cannot be read");
        // A cut of this cut must not panic. It may return `None`, because its times may be too large for the fields of
        // an MP4 file.
        parsers::cut(&whole, &[(0, None)]);
    }
}
