use super::*;
use crate::media::Neighbours;

#[test]
fn neighbours_are_the_nearest_files_that_count() {
    let tree = Tree::of(
        "a/e5.mp4/|a/e10.mp4|a/e2.mp4|a/E1.mp4|a/e3.txt|a/.e4.mp4|a/e11.mp4|a/e6.mp4 -> e1.none|\
         a/e7.mp4 -> $ outside/secret.mp4|a/e8.mp4 -> e2.mp4|a/e9.mp4 -> e5.mp4|one/1.mp4|one/1.srt|one/2.mp4 -> none|\
         hidden/1.mp4|hidden/.2.mp4|folder/x/|folder/1.mp4|link/1.mp4|link/2.mp4 -> 1.mp4|to folder/1.mp4|to folder/x -> ../one",
    );
    let dir = tree.dir();
    for (path, previous, next, is_alone) in [
        ("a/E1.mp4", None, Some("a/e2.mp4"), false),
        ("a/e2.mp4", Some("a/E1.mp4"), Some("a/e8.mp4"), false),
        ("a/e8.mp4", Some("a/e2.mp4"), Some("a/e10.mp4"), false),
        ("a/e11.mp4", Some("a/e10.mp4"), None, false),
        // The file may not match, and may not exist.
        ("a/e3.txt", Some("a/e2.mp4"), Some("a/e8.mp4"), false),
        ("a/e4.mp4", Some("a/e2.mp4"), Some("a/e8.mp4"), false),
        ("one/1.mp4", None, None, true),
        ("hidden/1.mp4", None, None, true),
        ("folder/1.mp4", None, None, false),
        ("link/1.mp4", None, Some("link/2.mp4"), false),
        ("to folder/1.mp4", None, None, false),
    ] {
        let name = file(path);
        let folder = name.folder();
        let folder = dir.read_folder(&folder).unwrap();
        let counts = |name: &OsStr| name.as_bytes().ends_with(b".mp4");
        let found = folder.neighbours(name.file_name(), counts);
        let (previous, next) = (previous.map(file), next.map(file));
        assert_eq!(
            found,
            Neighbours {
                previous,
                next,
                is_alone
            },
            "{path}"
        );
    }
}

#[test]
fn pictures_are_found_beside_a_film() {
    let tree = Tree::of(
        "a/5.jpg/|a/1.jpg|a/2.x.png|a/4.jpg -> 1.jpg|a/6.jpg -> $ outside/secret.mp4|a/7.jpg -> none",
    );
    let dir = tree.dir();
    let a = folder("a");
    let read = dir.read_folder(&a).unwrap();
    for (film, extension, is_there) in [
        ("1.mp4", "jpg", true),
        ("1.mp4", "png", false),
        ("2.x.mp4", "png", true),
        ("4.mp4", "jpg", true),
        ("5.mp4", "jpg", false),
        ("6.mp4", "jpg", false),
        ("7.mp4", "jpg", false),
        ("1", "jpg", true),
    ] {
        let film = a.join(OsStr::new(film)).unwrap();
        let picture = film.with_extension(extension).unwrap();
        assert_eq!(read.has_file(picture.file_name()), is_there, "{picture:?}");
        assert_eq!(dir.has_file(&picture), is_there, "{picture:?}");
    }
    // A neighbour whose path would be too long is omitted.
    let long = a.join(&os(&[b'x'; 253])).unwrap();
    assert_eq!(long.with_extension("jpg"), None);
}
