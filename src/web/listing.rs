//! The listing of a folder as JSON.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use super::urls::Links;
use crate::media::{Entry, Folder, FolderName, kind};

/// Returns a folder as JSON. Adds entries until `limit` bytes are reached. If entries are missing, adds the key
/// `truncated`.
pub(crate) fn listing_json(links: &Links, folder: &Folder<'_>, limit: usize) -> String {
    let path = json!(folder.name.as_path().to_string_lossy());
    let mut text = format!("{{\"path\":{path},\"entries\":[");
    let mut is_truncated = folder.is_truncated;
    let mut separator = "\n";
    for entry in &folder.entries {
        if text.len() > limit {
            is_truncated = true;
            break;
        }
        if let Some(entry) = json_entry(folder.name, entry, links) {
            text.push_str(separator);
            text.push_str(&entry);
            separator = ",\n";
        }
    }
    text.push(']');
    if is_truncated {
        text.push_str(",\"truncated\":true");
    }
    text + "}\n"
}

/// Returns an entry as JSON. In its name and path, bytes that are not UTF-8 become U+FFFD. Its URL keeps all bytes.
fn json_entry(folder: &FolderName, entry: &Entry, links: &Links) -> Option<String> {
    let file = folder.join(&entry.name)?;
    let name = json!(entry.name.to_string_lossy());
    let path = json!(file.as_path().to_string_lossy());
    let (kind, key, url) = match entry.is_folder {
        true => {
            let folder = folder.join_folder(&entry.name)?;
            ("folder", "listing_url", links.listing(&folder))
        }
        false => (kind(&entry.name), "stream_url", links.stream(&file)),
    };
    let length = entry.length.map(|it| format!("\"length\":{it},"));
    let modified = entry.modified.map(unix_seconds);
    let modified = modified.map(|it| format!("\"modified\":{it},"));
    let details = length.unwrap_or_default() + &modified.unwrap_or_default();
    Some(format!(
        "{{\"name\":{name},\"path\":{path},\"kind\":\"{kind}\",{details}\"{key}\":\"{url}\"}}"
    ))
}

/// Returns the seconds from 1970 to `time`, rounded down. A time before 1970 is negative.
fn unix_seconds(time: SystemTime) -> i128 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => after.as_secs().into(),
        Err(error) => {
            let before = error.duration();
            -i128::from(before.as_secs()) - i128::from(before.subsec_nanos() > 0)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::Value;

    use super::*;
    use crate::media::MediaDir;
    use crate::web::playlist;

    /// Returns the listing and the playlist of a folder with five files. `entries` and `bytes` are the limits.
    fn listing(entries: usize, bytes: usize) -> (Value, String) {
        let temp = tempfile::tempdir().unwrap();
        for number in 0..5 {
            fs::write(temp.path().join(format!("{number}.mp4")), "").unwrap();
        }
        let mut dir = MediaDir::new(temp.path()).unwrap();
        dir.max_entries = entries;
        let root = FolderName::root();
        let folder = dir.read_folder(&root).unwrap();
        let json = listing_json(&Links::default(), &folder, bytes);
        let playlist = playlist::of_folder(&Links::default(), &folder, bytes);
        (serde_json::from_str(&json).unwrap(), playlist)
    }

    #[test]
    fn listing_of_too_many_entries_is_marked_as_truncated() {
        for (entries, bytes, count) in [(5, 9999, 5), (4, 9999, 4), (5, 150, 2), (5, 0, 0)] {
            let (json, playlist) = listing(entries, bytes);
            let is_truncated = count < 5;
            assert_eq!(json["entries"].as_array().unwrap().len(), count);
            assert_eq!(json["truncated"].as_bool(), is_truncated.then_some(true));
            let last = playlist.lines().last().unwrap();
            assert_eq!(last.starts_with("# "), is_truncated);
        }
    }
}
