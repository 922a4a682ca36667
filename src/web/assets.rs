//! The style sheet, scripts and icon of the pages, and the OpenAPI description. All of them are part of the program,
//! because the local network may have no internet access. The server sends them unchanged.

/// An asset: a file that is part of the program.
#[derive(Debug)]
pub(crate) struct Asset {
    /// The path of its URL.
    path: &'static str,
    /// Its media type, with the charset for text.
    pub(crate) media_type: &'static str,
    /// Its bytes.
    pub(crate) content: &'static [u8],
    /// A hash of the bytes, for the ETag.
    pub(crate) version: u64,
}

/// Joins files to the script of one page, so that the page needs one request and has one scope. `call` starts the
/// script.
macro_rules! script {
    ($call:literal $($file:literal)+) => {
        concat!(
            "(() => {\n\"use strict\";\n",
            $(include_str!(concat!("assets/", $file)),)+
            $call,
            "\n})();\n"
        )
    };
}

const SCRIPT: &str = "text/javascript; charset=utf-8";

static ASSETS: [Asset; 6] = [
    // Browsers request this path for every page. They accept SVG here, because the media type is SVG.
    Asset::new(
        "/favicon.ico",
        "image/svg+xml",
        include_str!("assets/icon.svg"),
    ),
    Asset::new(
        "/assets/style.css",
        "text/css; charset=utf-8",
        include_str!("assets/style.css"),
    ),
    Asset::new(
        "/assets/player.js",
        SCRIPT,
        script! {
            "player();"
            "base.js" "player.js" "keys.js" "cut.js" "inside.js" "folder.js" "growing.js" "trouble.js"
        },
    ),
    Asset::new(
        "/assets/tracks.js",
        SCRIPT,
        include_str!("assets/tracks.js"),
    ),
    Asset::new(
        "/assets/library.js",
        SCRIPT,
        script! { "library();" "base.js" "library.js" },
    ),
    Asset::new(
        "/api/openapi.json",
        "application/json",
        include_str!("assets/openapi.json"),
    ),
];

impl Asset {
    const fn new(path: &'static str, media_type: &'static str, text: &'static str) -> Asset {
        let content = text.as_bytes();
        Asset {
            path,
            media_type,
            content,
            version: fnv1a(content),
        }
    }
}

/// Returns the asset with a URL path.
pub(crate) fn asset(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

/// Returns the OpenAPI description. Its URLs begin with `base`.
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

/// Returns the FNV-1a hash. A weak hash is enough, because no attacker controls the content.
const fn fnv1a(content: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut rest = content;
    while let [byte, after @ ..] = rest {
        // `u64::from` is not a const function.
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
