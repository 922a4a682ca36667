//! The style, script and icon of the pages, and the OpenAPI description. All of them are part of the program, because the
//! LAN may have no internet.

/// A file that is part of the program.
#[derive(Debug)]
pub(crate) struct Asset {
    /// The path of its URL.
    path: &'static str,
    /// Its media type, with the charset where it is text.
    pub(crate) media_type: &'static str,
    /// Its bytes.
    pub(crate) content: &'static [u8],
    /// A hash of the bytes, for the ETag.
    pub(crate) version: u64,
}

/// One script for all pages: one request and one scope. The last lines start the part that the page needs.
const SCRIPT: &str = concat!(
    "(() => {\n\"use strict\";\n",
    include_str!("assets/base.js"),
    include_str!("assets/player.js"),
    include_str!("assets/keys.js"),
    include_str!("assets/cut.js"),
    include_str!("assets/inside.js"),
    include_str!("assets/folder.js"),
    include_str!("assets/growing.js"),
    include_str!("assets/trouble.js"),
    include_str!("assets/library.js"),
    "if (video) player();\nif (document.body.className === \"library\") library();\n})();\n"
);

/// The script as it is sent: a quarter of it is comments and indentation.
static SENT_SCRIPT: [u8; SENT_LENGTH] = strip(SCRIPT.as_bytes()).0;
const SENT_LENGTH: usize = strip::<{ SCRIPT.len() }>(SCRIPT.as_bytes()).1;

static ASSETS: [Asset; 4] = [
    // Browsers ask for this path whatever the page says. They read SVG here, because the media type says so.
    Asset::new(
        "/favicon.ico",
        "image/svg+xml",
        include_bytes!("assets/icon.svg"),
    ),
    Asset::new(
        "/assets/style.css",
        "text/css; charset=utf-8",
        include_bytes!("assets/style.css"),
    ),
    Asset::new(
        "/assets/script.js",
        "text/javascript; charset=utf-8",
        &SENT_SCRIPT,
    ),
    Asset::new(
        "/api/openapi.json",
        "application/json",
        include_bytes!("assets/openapi.json"),
    ),
];

impl Asset {
    const fn new(path: &'static str, media_type: &'static str, content: &'static [u8]) -> Asset {
        Asset {
            path,
            media_type,
            content,
            version: fnv1a(content),
        }
    }
}

/// Returns the asset at a URL path.
pub(crate) fn asset(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

/// Returns the OpenAPI description of a server whose URLs begin with `base`.
pub(crate) fn description(base: &str) -> String {
    let text = include_str!("assets/openapi.json");
    match base {
        "" => text.to_owned(),
        _ => text.replacen(
            r#""servers":[{"url":"/"}]"#,
            &format!(r#""servers":[{{"url":"{base}"}}]"#),
            1,
        ),
    }
}

/// Returns a script without indentation and without the lines that are comments, and its length. No text of a script may
/// span lines.
const fn strip<const LENGTH: usize>(script: &[u8]) -> ([u8; LENGTH], usize) {
    let (mut sent, mut length, mut at) = ([0; LENGTH], 0, 0);
    while at < script.len() {
        while script[at] == b' ' {
            at += 1;
        }
        let is_comment = script[at] == b'/' && script[at + 1] == b'/';
        loop {
            let byte = script[at];
            if !is_comment {
                sent[length] = byte;
                length += 1;
            }
            at += 1;
            if byte == b'\n' {
                break;
            }
        }
    }
    (sent, length)
}

/// FNV-1a. It need not resist an attacker: the contents are ours.
const fn fnv1a(content: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut rest = content;
    while let [byte, after @ ..] = rest {
        // u64::from is not const.
        hash = (hash ^ u64::from_le_bytes([*byte, 0, 0, 0, 0, 0, 0, 0]))
            .wrapping_mul(0x0100_0000_01b3);
        rest = after;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assets_are_found_by_their_exact_path() {
        let icon = asset("/favicon.ico").unwrap();
        assert_eq!(icon.media_type, "image/svg+xml");
        assert!(icon.content.starts_with(b"<svg xmlns=") && icon.content.len() < 600);
        assert!(asset("/favicon.ico/").is_none() && asset("").is_none());
    }

    #[test]
    fn script_is_sent_without_comments() {
        let script = b"// a\n  b // c\n\n    // d\n  e / f\n";
        let (sent, length) = strip::<35>(script);
        assert_eq!(&sent[..length], b"b // c\n\ne / f\n");
        let sent = std::str::from_utf8(asset("/assets/script.js").unwrap().content).unwrap();
        let is_code = |line: &&str| !line.is_empty() && !line.starts_with("//");
        let lines = SCRIPT.lines().map(str::trim_start).filter(is_code);
        assert!(lines.eq(sent.lines().filter(|line| !line.is_empty())));
    }

    #[test]
    fn description_names_the_base_path() {
        for (base, url) in [("", "/"), ("/videos", "/videos"), ("/a/b%20c", "/a/b%20c")] {
            let description: serde_json::Value = serde_json::from_str(&description(base)).unwrap();
            assert_eq!(description["servers"], serde_json::json!([{ "url": url }]));
        }
    }

    #[test]
    fn fnv1a_of_known_texts() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
