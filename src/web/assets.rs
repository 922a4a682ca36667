//! The style sheet, scripts and icon of the pages, and the OpenAPI description. They are part of the program, because a
//! local network may have no internet access.

use std::borrow::Cow;

/// Joins files to one script with one scope. `$call` is the statement that starts it.
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

/// Returns the media type and the content of the asset at a path. `base` is the prefix of the URLs in the OpenAPI
/// description.
pub(crate) fn asset(path: &str, base: &str) -> Option<(&'static str, Cow<'static, [u8]>)> {
    const SCRIPT: &str = "text/javascript; charset=utf-8";
    let (media_type, content) = match path {
        // Browsers request an icon at this path for every page. They accept the format SVG.
        "/favicon.ico" => ("image/svg+xml", include_str!("assets/icon.svg")),
        "/assets/style.css" => ("text/css; charset=utf-8", include_str!("assets/style.css")),
        "/assets/player.js" => (
            SCRIPT,
            script! {
                "player();"
                "base.js" "player.js" "keys.js" "cut.js" "inside.js" "folder.js" "growing.js" "trouble.js"
            },
        ),
        "/assets/tracks.js" => (SCRIPT, include_str!("assets/tracks.js")),
        "/assets/library.js" => (SCRIPT, script! { "library();" "base.js" "library.js" }),
        "/api/openapi.json" => {
            let text = include_str!("assets/openapi.json");
            let server = |url| format!(r#""servers":[{{"url":"{url}"}}]"#);
            let url = if base.is_empty() { "/" } else { base };
            let text = text.replacen(&server("/"), &server(url), 1);
            return Some(("application/json", text.into_bytes().into()));
        }
        _ => return None,
    };
    Some((media_type, content.as_bytes().into()))
}
