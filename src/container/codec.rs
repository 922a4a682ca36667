//! Names of codecs for the identifiers in files, for example `avc1` → `H.264`.

use std::borrow::Cow;

pub(super) const H264: &str = "H.264";
pub(super) const H265: &str = "H.265 (HEVC)";
pub(super) const AV1: &str = "AV1";
pub(super) const VP9: &str = "VP9";
pub(super) const MPEG4: &str = "MPEG-4 Part 2";
pub(super) const AAC: &str = "AAC";
pub(super) const DTS: &str = "DTS";
pub(super) const DTS_HD: &str = "DTS-HD";
pub(super) const PCM: &str = "PCM";

/// The codecs, one in each row. `A_AAC*` means all words that begin with `A_AAC`. The first matching row counts.
///
/// The columns:
/// 1. the name;
/// 2. the default `codecs` value (RFC 6381), if the file has no details about the codec;
/// 3. FourCCs of sample entries in MP4 and QuickTime;
/// 4. FourCCs of a `BITMAPINFOHEADER`, in AVI and in files converted from AVI, in upper case;
/// 5. Matroska codec IDs;
/// 6. MPEG-4 object types in hexadecimal (mp4ra.org). `40.34` is the type 0x40 (MPEG-4 audio) with the audio object
///    type 34. `dd` is not registered, but FFmpeg and Nero write it for Vorbis;
/// 7. format tags of a `WAVEFORMATEX` in hexadecimal.
#[rustfmt::skip]
const CODECS: &[[&str; 7]] = &[
    ["H.264", "avc1.42e01e", "avc1 avc2 avc3 avc4 dva1 dvav", "H264 X264 DAVC AVC1", "V_MPEG4/ISO/AVC", "21", ""],
    ["H.265 (HEVC)", "hvc1.1.6.L93.B0", "hvc1 hev1 hvc2 hev2 dvh1 dvhe", "HEVC H265 X265 HVC1", "V_MPEGH/ISO/HEVC", "23", ""],
    ["H.266 (VVC)", "", "vvc1 vvi1", "", "V_MPEGI/ISO/VVC", "", ""],
    ["AV1", "av01.0.08M.08", "av01 dav1", "AV01", "V_AV1", "", ""],
    ["VP9", "vp9", "vp09", "VP90", "V_VP9", "b1", ""],
    ["VP8", "vp8", "vp08", "VP80", "V_VP8", "", ""],
    ["MPEG-4 Part 2", "mp4v.20", "", "XVID DIVX DX50 FMP4 MP4V 3IV2", "V_MPEG4/ISO/*", "20", ""],
    ["MPEG-2", "mp4v.61", "m2v1 mpg2 m2vp xdv* xd5* hdv*", "MPG2", "V_MPEG2", "60 61 62 63 64 65", ""],
    ["MPEG-1", "mp4v.6A", "m1v1 m1v mpeg", "MPG1", "V_MPEG1", "6a", ""],
    ["Microsoft MPEG-4", "", "", "DIV3 3IVD DIV4 DIV5 MP41 MP42 MP43 MPG4", "V_MPEG4/MS/V3", "", ""],
    ["Windows Media Video", "", "", "WMV1 WMV2 WMV3", "", "", ""],
    ["VC-1", "", "vc-1", "WVC1", "", "a3", ""],
    ["H.263", "", "s263 h263 H263", "H263", "", "", ""],
    ["Theora", "theora", "", "THEO", "V_THEORA", "", ""],
    ["ProRes", "", "apch apcn apcs apco ap4h ap4x aprn aprh", "", "V_PRORES", "", ""],
    ["DNxHD", "", "AVdn AVdh", "AVDN", "", "", ""],
    ["DV", "", "dvc dvcp dvpp dv5n dv5p", "DVSD", "", "", ""],
    ["FFV1", "", "", "FFV1", "V_FFV1", "", ""],
    ["Motion JPEG", "", "jpeg mjpa mjpb AVDJ", "MJPG JPEG", "V_MJPEG", "6c", ""],
    ["PNG", "", "png", "PNG MPNG", "", "6d", ""],
    ["Sorenson Video", "", "SVQ1 SVQ3", "", "", "", ""],
    ["Cinepak", "", "cvid", "CVID", "", "", ""],
    ["RealVideo", "", "", "", "V_REAL/*", "", ""],
    ["uncompressed video", "", "v210 2vuy yuv2 yuvs raw v410 v308", "", "V_UNCOMPRESSED", "", ""],
    ["AAC", "mp4a.40.2", "", "", "A_AAC*", "40 66 67 68", "00ff 706d"],
    ["MP3", "mp3", ".mp3", "", "A_MPEG/L3", "69 6b 40.34", "0055"],
    ["MP2", "", ".mp2", "", "A_MPEG/L2 A_MPEG/L1", "40.32 40.33", "0050"],
    ["Opus", "opus", "Opus", "", "A_OPUS", "ad", ""],
    ["Vorbis", "vorbis", "msVo", "", "A_VORBIS", "dd", ""],
    ["FLAC", "flac", "fLaC", "", "A_FLAC", "", "f1ac"],
    ["ALAC", "alac", "alac", "", "A_ALAC", "", ""],
    ["AC-3 (Dolby Digital)", "ac-3", "ac-3 sac3", "", "A_AC3*", "a5", "2000"],
    ["E-AC-3 (Dolby Digital Plus)", "ec-3", "ec-3", "", "A_EAC3", "a6", ""],
    ["AC-4 (Dolby)", "", "ac-4", "", "", "", ""],
    ["TrueHD", "mlpa", "mlpa", "", "A_TRUEHD A_MLP", "", ""],
    ["DTS-HD", "", "dtsh dtsl dtse dtsx", "", "A_DTS/LOSSLESS", "aa ab", ""],
    ["DTS", "dtsc", "dtsc", "", "A_DTS*", "a9", "2001"],
    ["PCM", "", "sowt twos in24 in32 fl32 fl64 lpcm ipcm fpcm ulaw alaw NONE", "", "A_PCM/*", "", "0001 0003 0006 0007"],
    ["AMR", "", "samr sawb sawp", "", "", "", ""],
    ["ADPCM", "", "ima4", "", "", "", "0002 0011"],
    ["Windows Media Audio", "", "", "", "", "", "0160 0161 0162 0163"],
    ["TwinVQ", "", "", "", "", "40.7 40.21", ""],
    ["CELP", "", "", "", "", "40.8 40.24", ""],
    ["HVXC", "", "", "", "", "40.9 40.25", ""],
    ["BSAC", "", "", "", "", "40.22", ""],
    ["DST", "", "", "", "", "40.35", ""],
    ["MPEG-4 ALS", "", "", "", "", "40.36", ""],
    ["MPEG-4 SLS", "", "", "", "", "40.37 40.38", ""],
    ["MPEG-H 3D Audio", "", "mha1 mha2 mhm1 mhm2", "", "", "", ""],
    ["IAMF", "iamf.000.000.Opus", "iamf", "", "", "", ""],
    ["RealAudio", "", "", "", "A_REAL/*", "", ""],
    ["WavPack", "", "", "", "A_WAVPACK4", "", ""],
];

/// The profiles that some decoders do not support. The columns are the codec, the number of the profile in the
/// configuration of the decoder, and its name. For AAC, the number is the audio object type.
#[rustfmt::skip]
const PROFILES: &[(&str, u32, &str)] = &[
    (H264, 44, "CAVLC 4:4:4 Intra"),
    (H264, 88, "Extended"),
    (H264, 110, "High 10"),
    (H264, 118, "Multiview High"),
    (H264, 122, "High 4:2:2"),
    (H264, 128, "Stereo High"),
    (H264, 244, "High 4:4:4 Predictive"),
    (H265, 2, "Main 10"),
    (H265, 3, "Main Still Picture"),
    (H265, 4, "Range Extensions"),
    (AV1, 1, "High"),
    (AV1, 2, "Professional"),
    (VP9, 1, "Profile 1"),
    (VP9, 2, "Profile 2"),
    (VP9, 3, "Profile 3"),
    (MPEG4, 15, "Advanced Simple"),
    (AAC, 1, "Main"),
    (AAC, 3, "SSR"),
    (AAC, 4, "LTP"),
    (AAC, 5, "HE-AAC"),
    (AAC, 23, "LD"),
    (AAC, 29, "HE-AAC v2"),
    (AAC, 39, "ELD"),
    (AAC, 42, "xHE-AAC"),
];

pub(super) fn profile(codec: &str, number: u32) -> Option<&'static str> {
    let row = PROFILES.iter().find(|it| (it.0, it.1) == (codec, number))?;
    Some(row.2)
}

/// Columns 5 and 6 of [`CODECS`] as arguments of [`find`], which counts columns from 0.
pub(super) const CODEC_IDS: usize = 4;
pub(super) const OBJECT_TYPES: usize = 5;

/// Returns the name of the codec that has `word` in `column`.
pub(super) fn find(column: usize, word: &str) -> Option<&'static str> {
    let is_it = |known: &str| match known.strip_suffix('*') {
        Some(start) => word.starts_with(start),
        None => word == known,
    };
    let row = CODECS.iter().find(|it| it[column].split(' ').any(is_it))?;
    Some(row[0]).filter(|_| !word.is_empty())
}

/// Returns the codec of a sample entry in an MP4 or QuickTime file. Returns `None` for `mp4a`, which many codecs share.
/// The object type in its `esds` box identifies the codec.
pub(super) fn of_sample_entry(fourcc: [u8; 4]) -> Option<&'static str> {
    // QuickTime stores the format tag of a WAVE file as `ms` and two bytes.
    let wave = || match fourcc {
        [b'm', b's', high, low] => of_wave_tag([low, high]),
        _ => None,
    };
    find(2, str::from_utf8(&fourcc).unwrap_or("").trim_end())
        .or_else(|| of_avi_fourcc(fourcc))
        .or_else(wave)
}

/// Returns the codec for the FourCC of a `BITMAPINFOHEADER`, in upper or lower case.
pub(super) fn of_avi_fourcc(fourcc: [u8; 4]) -> Option<&'static str> {
    let name = str::from_utf8(&fourcc).ok()?.trim_end();
    find(3, &name.to_ascii_uppercase())
}

/// Returns the codec for the format tag of a `WAVEFORMATEX`. The tag is little-endian.
pub(super) fn of_wave_tag(tag: [u8; 2]) -> Option<&'static str> {
    find(6, &format!("{:04x}", u16::from_le_bytes(tag)))
}

/// Returns the default `codecs` value of a codec.
pub(super) fn plain_codecs(name: &str) -> Option<String> {
    let row = CODECS.iter().find(|row| row[0] == name)?;
    Some(row[1].to_owned()).filter(|codecs| !codecs.is_empty())
}

/// Returns the identifier of an unknown codec as text, with escapes for unprintable characters.
pub(super) fn printable(name: &[u8]) -> Cow<'static, str> {
    match name.trim_ascii() {
        [] => Cow::Borrowed("unknown"),
        name => Cow::Owned(name.escape_ascii().to_string()),
    }
}
