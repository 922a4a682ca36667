//! Tests which files of a folder the pages, searches, listings and playlists show: all video and audio files outside of
//! system folders.

use crate::library::names;
use crate::rows::Rows;

/// The folder has one film, and the system folders of Windows, macOS, ext4 and NAS devices.
#[test]
fn files_of_operating_systems_are_not_listed_or_found() {
    let mut rows = Rows::start();
    rows.server.file("film.mp4", "film");
    let folders = "$RECYCLE.BIN|RECYCLER|System Volume Information|__MACOSX|lost+found|LOST.DIR|@eaDir|#recycle|@Recycle|\
                   Recycle Bin|~snapshot|FOUND.000|found.123";
    for folder in folders.split('|') {
        rows.server
            .file(&format!("{folder}/deleted.mp4"), "deleted");
    }
    for file in ["Thumbs.db", "desktop.ini", "Icon\r"] {
        rows.server.file(file, "");
    }
    let response = rows.get_and_head("/", "");
    let found = (response.status, response.field("location"));
    assert_eq!(found, (307, Some("/watch/film.mp4")));
    let page = rows.get("/?list", "");
    assert_eq!(names(page.text()), ["film.mp4"]);
    assert!(!page.text().contains("other file"));
    let json: serde_json::Value = serde_json::from_str(rows.get("/api/videos", "").text()).unwrap();
    assert_eq!(json["entries"].as_array().unwrap().len(), 1);
    assert_eq!(names(rows.get("/?q=mp4", "").text()), ["film.mp4"]);
    assert!(
        rows.get("/?q=recycle", "")
            .text()
            .contains("Nothing was found")
    );
    let playlist = rows.get("/playlist/", "");
    assert_eq!(playlist.text().matches("\nhttp").count(), 1);
    // The server hides these files only from lists. Their URLs work, because the files are not secret.
    let deleted = rows.get("/api/stream/%23recycle/deleted.mp4", "");
    assert_eq!(deleted.text(), "deleted");
    let folder = rows.get("/browse/%23recycle/?list", "");
    assert_eq!(names(folder.text()), ["deleted.mp4"]);
    // These names are similar to the names of system folders, but users choose them. So the server shows the folders.
    let films = "#recycle me|$9.99 (2008)|@home|FOUND.00|found.0000|found.mp4|Icon|Lost and Found|Recycle|Snapshot";
    for folder in films.split('|') {
        rows.server.file(&format!("{folder}/film.mp4"), "film");
    }
    let shown = names(rows.get("/", "").text());
    assert_eq!(shown[..10].join("|"), films);
}

/// The folder has one file of each video and audio extension, and some files of other types. The library, a search and
/// the playlist show exactly the video and audio files.
#[test]
fn every_video_and_audio_file_is_shown() {
    let mut rows = Rows::start();
    let extensions = "mp4 vob m2t m2ts mts tp trp rec asf divx rmvb rm ogm ogv f4v m2v mpv 3g2 mxf dv h264 h265 hevc mk3d mpe \
                      mod tod qt wtv dvr-ms nut y4m m4b wma weba aiff aif ac3 eac3 dts ape amr mka opus oga spx tta wv au \
                      caf mp2 3gp2 gxf insv lrv";
    let count = extensions.split(' ').count();
    for extension in extensions.split(' ') {
        rows.server.file(&format!("f.{extension}"), "x");
    }
    for other in ["exe", "nfo", "txt", "jpg", "srt"] {
        rows.server.file(&format!("f.{other}"), "x");
    }
    assert_eq!(names(rows.get("/", "").text()).len(), count);
    assert_eq!(names(rows.get("/?q=f", "").text()).len(), count);
    let playlist = rows.get("/playlist/", "");
    assert_eq!(playlist.text().matches("\nhttp").count(), count);
    rows.server.file("f.ass", "x");
    let listing = rows.get("/api/videos", "");
    let subtitles = listing.text().matches("\"kind\":\"subtitles\"").count();
    assert_eq!(subtitles, 2, "SubRip and ASS: {}", listing.text());
}
