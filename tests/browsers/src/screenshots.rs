//! Takes screenshots of the pages.

use std::fs;
use std::path::Path;

use crate::browser::{Browser, Kind, Setup};
use crate::page::Page;
use crate::server::Server;
use crate::stage::Setting;

/// The columns of a row: the name of the screen, its width and its height in pixels.
const SIZES: [(&str, u32, u32); 3] = [
    ("phone", 390, 844),
    ("desktop", 1280, 800),
    ("tv", 1920, 1080),
];

/// The columns of a row: the name of the screenshot, the path of the page, and a script that runs before the
/// screenshot. The scripts use the object `T` of `page.js`.
const PAGES: [(&str, &str, &str); 8] = [
    (
        "torn",
        "/watch/faults/torn.mp4?t=5&loop=folder",
        "await T.until(() => T.visible('#trouble'), 15)",
    ),
    ("library", "/", ""),
    ("covers", "/browse/inside/", ""),
    (
        "inside",
        "/watch/inside/film.mkv?t=2",
        "await T.pause(); document.querySelector('#bar').scrollIntoView({block: 'center'})",
    ),
    ("posters", "/browse/posters/", ""),
    ("player", "/watch/clip.mp4?t=4", ""),
    (
        "segments",
        "/watch/clip.mp4?ranges=2-4,8-9.5",
        "document.querySelector('#cut').open = true",
    ),
    (
        "help",
        "/watch/clip.mp4",
        "document.querySelector('#help').showModal()",
    ),
];

/// Takes a screenshot of each page in each size, with light and with dark colors. Writes the files to `folder`.
pub(crate) fn take(
    kind: Kind,
    setting: &Setting,
    home: &Path,
    folder: &Path,
) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let server = Server::start(&setting.program, &setting.media.root, &[])?;
    for (light, setup) in [("light", Setup::Plain), ("dark", Setup::Dark)] {
        let mut browser = Browser::start(kind, setup, home)?;
        for (page_name, path, action) in PAGES {
            let mut page = Page::open(&mut browser, setup)?;
            for (size, width, height) in SIZES {
                page.viewport(width, height)?;
                page.goto(&server.url(path))?;
                // The page needs some time to draw its pictures.
                page.eval(&format!("{action}; await T.sleep(1)"))?;
                let picture = folder.join(format!("{page_name}-{size}-{light}-{kind}.png"));
                let png = page.screenshot()?;
                fs::write(&picture, png)
                    .map_err(|error| format!("{}: {error}", picture.display()))?;
            }
        }
    }
    Ok(())
}
