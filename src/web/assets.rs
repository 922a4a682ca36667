//! The files that pages need, and the one that describes the server to programs. Everything is compiled in; nothing is
//! ever fetched from elsewhere: the LAN may have no internet.

use std::sync::LazyLock;

/// A file that is part of the program.
#[derive(Debug)]
pub(crate) struct Asset {
    /// The path of its URL.
    path: &'static str,
    /// Its media type, with the charset where it is text.
    pub(crate) media_type: &'static str,
    /// Its bytes.
    pub(crate) content: Vec<u8>,
    /// Changes when they do.
    pub(crate) version: u64,
}

/// One scope and one request for all pages; each part looks whether its page is there.
const SCRIPT: &str = concat!(
    "(() => {\n\"use strict\";\n",
    include_str!("assets/base.js"),
    include_str!("assets/player.js"),
    include_str!("assets/keys.js"),
    include_str!("assets/cut.js"),
    include_str!("assets/trouble.js"),
    include_str!("assets/library.js"),
    "if (video) player();\nif (document.body.className === \"library\") library();\n})();\n"
);

static ASSETS: LazyLock<[Asset; 4]> = LazyLock::new(|| {
    [
        // Every browser asks for this name, whatever the page says; all that are in use read SVG by its media type.
        Asset::new(
            "/favicon.ico",
            "image/svg+xml",
            include_str!("assets/icon.svg"),
        ),
        Asset::new(
            "/assets/style.css",
            "text/css; charset=utf-8",
            &tight(&without_remarks(include_str!("assets/style.css"))),
        ),
        Asset::new(
            "/assets/script.js",
            "text/javascript; charset=utf-8",
            &close(&without_remarks(SCRIPT)),
        ),
        // What programs need to know; a test asks the server for all of it.
        Asset::new(
            "/api/openapi.json",
            "application/json",
            include_str!("assets/openapi.json"),
        ),
    ]
});

impl Asset {
    fn new(path: &'static str, media_type: &'static str, text: &str) -> Asset {
        let content = text.as_bytes().to_vec();
        Asset {
            path,
            media_type,
            version: fnv1a(&content),
            content,
        }
    }
}

/// The asset at a URL path.
pub(crate) fn asset(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

/// Comments and indentation are for those who read the source: a quarter of what a phone would wait for. Only whole lines
/// are looked at, so that no text of the script can be taken for a comment.
fn without_remarks(text: &str) -> String {
    let is_remark =
        |line: &str| line.starts_with("// ") || (line.starts_with("/*") && line.ends_with("*/"));
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !is_remark(line))
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// A style sheet without the blanks that it does not need. There are no texts with these in it.
fn tight(text: &str) -> String {
    let text = text
        .replace(": ", ":")
        .replace(" {", "{")
        .replace(", ", ",");
    let text = text.replace("; }", "}").replace("{ ", "{");
    // Every line ends with a mark that parts it from the next.
    text.replace("\n", "")
}

/// What stands between blanks in the script and needs none. No text of a page has one of these in it.
const SIGNS: [&str; 9] = [
    " => ", " = ", " === ", " !== ", " && ", " || ", " ? ", " : ", " + ",
];

/// A script without them.
fn close(text: &str) -> String {
    SIGNS.iter().fold(text.to_owned(), |text, sign| {
        text.replace(sign, sign.trim())
    })
}

/// FNV-1a: no secret, only another number for another content.
fn fnv1a(content: &[u8]) -> u64 {
    content.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assets() {
        let icon = asset("/favicon.ico").unwrap();
        assert_eq!(icon.media_type, "image/svg+xml");
        assert!(icon.content.starts_with(b"<svg xmlns=") && icon.content.len() < 600);
        assert!(asset("/favicon.ico/").is_none() && asset("").is_none());
        let versions: Vec<_> = ASSETS.iter().map(|asset| asset.version).collect();
        assert!(versions[0] != versions[1] && versions[1] != versions[2]);
    }

    #[test]
    fn remarks_are_left_out() {
        let text = "// A remark.\n\n  a(); // stays\n\t/* One. */\n  b(\"// stays\");\nc { d: e; } /* stays */\n";
        assert_eq!(
            without_remarks(text),
            "a(); // stays\nb(\"// stays\");\nc { d: e; } /* stays */\n"
        );
        // A text over several lines would lose its blanks: there is none.
        for asset in ASSETS.iter() {
            let text = std::str::from_utf8(&asset.content).unwrap();
            assert!(
                text.lines().all(|line| line.matches('`').count() % 2 == 0),
                "{}",
                asset.path
            );
        }
    }

    /// What the two make shorter must not be part of a text: none is longer than its line, and none has a sign in it.
    #[test]
    fn texts_of_the_script_stay_as_they_are() {
        let script = without_remarks(SCRIPT);
        for line in script.lines() {
            assert_eq!(line.matches('`').count() % 2, 0, "{line}");
            assert_eq!(line.matches('"').count() % 2, 0, "{line}");
            let plain = line.split('"').skip(1).step_by(2);
            // Between the parts of a template that are computed.
            let templates = line.split('`').skip(1).step_by(2);
            let parts = templates
                .flat_map(|it| it.split("${").map(|it| it.rsplit('}').next().unwrap_or(it)));
            for text in plain.chain(parts) {
                assert!(!SIGNS.iter().any(|sign| text.contains(sign)), "{text}");
            }
        }
        let style = without_remarks(include_str!("assets/style.css"));
        for text in style.split('"').skip(1).step_by(2) {
            let signs = [": ", " {", ", ", "; }", "{ ", "\n"];
            assert!(!signs.iter().any(|sign| text.contains(sign)), "{text}");
        }
    }
}
