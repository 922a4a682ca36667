use std::io::Cursor;

use videoserve::parsers;

/// Parts of an MP4 file as a file. The first bytes choose two parts; the others are the file.
pub fn cut(data: &[u8]) {
    let &[first, length, second, ref file @ ..] = data else {
        return;
    };
    let time = |byte: u8| u64::from(byte) * 40;
    let parts = [
        (time(first), Some(time(first) + time(length) + 1)),
        (time(second), None),
    ];
    for parts in [&parts[..], &parts[..1], &[(0, None)]] {
        let Some(whole) = parsers::cut(file, parts) else {
            continue;
        };
        // A cut is a film. All of it is a cut again, unless its times have become too long for the fields.
        let info = parsers::media_info(Cursor::new(&whole)).expect("memory does not fail");
        assert!(info.is_some(), "a cut that cannot be read");
        parsers::cut(&whole, &[(0, None)]);
    }
}
