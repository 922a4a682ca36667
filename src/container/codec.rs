//! The codecs by name, and the many ways in which files spell them.
//!
//! Knows names only: FourCCs, Matroska codec IDs, MPEG-4 object types, the tags of AVI. Must not know how boxes,
//! elements or decoder configurations are built.

use std::borrow::Cow;

pub(super) const H264: &str = "H.264";
pub(super) const H265: &str = "H.265 (HEVC)";
pub(super) const H266: &str = "H.266 (VVC)";
pub(super) const H263: &str = "H.263";
pub(super) const AV1: &str = "AV1";
pub(super) const VP9: &str = "VP9";
pub(super) const VP8: &str = "VP8";
pub(super) const MPEG4: &str = "MPEG-4 Part 2";
pub(super) const MPEG2: &str = "MPEG-2";
pub(super) const MPEG1: &str = "MPEG-1";
pub(super) const MS_MPEG4: &str = "Microsoft MPEG-4";
pub(super) const WMV: &str = "Windows Media Video";
pub(super) const VC1: &str = "VC-1";
pub(super) const THEORA: &str = "Theora";
pub(super) const PRORES: &str = "ProRes";
pub(super) const DNXHD: &str = "DNxHD";
pub(super) const DV: &str = "DV";
pub(super) const FFV1: &str = "FFV1";
pub(super) const MJPEG: &str = "Motion JPEG";
pub(super) const SORENSON: &str = "Sorenson Video";
pub(super) const CINEPAK: &str = "Cinepak";
pub(super) const REAL: &str = "RealVideo";
pub(super) const UNCOMPRESSED: &str = "uncompressed video";

pub(super) const AAC: &str = "AAC";
pub(super) const MP3: &str = "MP3";
pub(super) const MP2: &str = "MP2";
pub(super) const OPUS: &str = "Opus";
pub(super) const VORBIS: &str = "Vorbis";
pub(super) const FLAC: &str = "FLAC";
pub(super) const ALAC: &str = "ALAC";
pub(super) const AC3: &str = "AC-3 (Dolby Digital)";
pub(super) const EAC3: &str = "E-AC-3 (Dolby Digital Plus)";
pub(super) const AC4: &str = "AC-4 (Dolby)";
pub(super) const TRUEHD: &str = "TrueHD";
pub(super) const DTS: &str = "DTS";
pub(super) const DTS_HD: &str = "DTS-HD";
pub(super) const PCM: &str = "PCM";
pub(super) const AMR: &str = "AMR";
pub(super) const ADPCM: &str = "ADPCM";
pub(super) const WMA: &str = "Windows Media Audio";
pub(super) const MPEG_H: &str = "MPEG-H 3D Audio";
pub(super) const REAL_AUDIO: &str = "RealAudio";
pub(super) const WAVPACK: &str = "WavPack";

/// The FourCC of a sample entry in an ISO base media or QuickTime file. `mp4v` and `mp4a` are not here: they say no
/// more than that an object type follows.
pub(super) fn of_sample_entry(fourcc: [u8; 4]) -> Option<&'static str> {
    Some(match &fourcc {
        b"avc1" | b"avc2" | b"avc3" | b"avc4" | b"dva1" | b"dvav" => H264,
        b"hvc1" | b"hev1" | b"hvc2" | b"hev2" | b"dvh1" | b"dvhe" => H265,
        b"vvc1" | b"vvi1" => H266,
        b"av01" | b"dav1" => AV1,
        b"vp08" => VP8,
        b"vp09" => VP9,
        b"s263" | b"h263" | b"H263" => H263,
        b"jpeg" | b"mjpa" | b"mjpb" | b"AVDJ" => MJPEG,
        b"apch" | b"apcn" | b"apcs" | b"apco" | b"ap4h" | b"ap4x" | b"aprn" | b"aprh" => PRORES,
        b"AVdn" | b"AVdh" => DNXHD,
        b"m2v1" | b"mpg2" | b"m2vp" => MPEG2,
        b"m1v1" | b"m1v " | b"mpeg" => MPEG1,
        b"xdvc" => MPEG2,
        // Sony's XDCAM and HDV, each with a last character for size and rate.
        [b'x', b'd', b'v' | b'5', _] | [b'h', b'd', b'v', _] => MPEG2,
        b"dvc " | b"dvcp" | b"dvpp" | b"dv5n" | b"dv5p" => DV,
        b"SVQ1" | b"SVQ3" => SORENSON,
        b"cvid" => CINEPAK,
        b"vc-1" => VC1,
        b"v210" | b"2vuy" | b"yuv2" | b"yuvs" | b"raw " | b"v410" | b"v308" => UNCOMPRESSED,

        b".mp3" => MP3,
        b".mp2" => MP2,
        b"Opus" => OPUS,
        b"msVo" => VORBIS,
        b"fLaC" => FLAC,
        b"alac" => ALAC,
        b"ac-3" | b"sac3" => AC3,
        b"ec-3" => EAC3,
        b"ac-4" => AC4,
        b"mlpa" => TRUEHD,
        b"dtsc" => DTS,
        b"dtsh" | b"dtsl" | b"dtse" | b"dtsx" => DTS_HD,
        b"sowt" | b"twos" | b"in24" | b"in32" | b"fl32" | b"fl64" | b"lpcm" | b"ipcm" | b"fpcm"
        | b"ulaw" | b"alaw" | b"NONE" => PCM,
        b"samr" | b"sawb" | b"sawp" => AMR,
        b"ima4" => ADPCM,
        b"mha1" | b"mha2" | b"mhm1" | b"mhm2" => MPEG_H,
        // QuickTime wraps the tags of WAVE so.
        &[b'm', b's', high, low] => return of_wave_tag(u16::from_be_bytes([high, low])),
        _ => return of_avi_fourcc(fourcc),
    })
}

/// The FourCC of a `BITMAPINFOHEADER`: AVI, and Matroska that was made from it. Letters stand in either case.
pub(super) fn of_avi_fourcc(fourcc: [u8; 4]) -> Option<&'static str> {
    Some(match &fourcc.map(|byte| byte.to_ascii_uppercase()) {
        b"H264" | b"X264" | b"DAVC" | b"AVC1" => H264,
        b"HEVC" | b"H265" | b"X265" | b"HVC1" | b"HEV1" => H265,
        b"AV01" => AV1,
        b"VP80" => VP8,
        b"VP90" => VP9,
        b"XVID" | b"DIVX" | b"DX50" | b"FMP4" | b"MP4V" | b"3IV2" => MPEG4,
        b"DIV3" | b"3IVD" | b"DIV4" | b"DIV5" | b"MP41" | b"MP42" | b"MP43" | b"MPG4" => MS_MPEG4,
        b"WMV1" | b"WMV2" | b"WMV3" => WMV,
        b"WVC1" => VC1,
        b"MPG1" => MPEG1,
        b"MPG2" => MPEG2,
        b"H263" => H263,
        b"MJPG" | b"JPEG" => MJPEG,
        b"THEO" => THEORA,
        b"FFV1" => FFV1,
        b"DVSD" => DV,
        b"CVID" => CINEPAK,
        b"AVDN" => DNXHD,
        _ => return None,
    })
}

/// The format tag of a `WAVEFORMATEX`.
pub(super) fn of_wave_tag(tag: u16) -> Option<&'static str> {
    Some(match tag {
        0x0001 | 0x0003 | 0x0006 | 0x0007 => PCM,
        0x0002 | 0x0011 => ADPCM,
        0x0050 => MP2,
        0x0055 => MP3,
        0x00ff | 0x706d => AAC,
        0x0160..=0x0163 => WMA,
        0x2000 => AC3,
        0x2001 => DTS,
        0xf1ac => FLAC,
        _ => return None,
    })
}

/// The object type of an MPEG-4 decoder configuration (the registry at mp4ra.org).
pub(super) fn of_object_type(object_type: u8) -> Option<&'static str> {
    Some(match object_type {
        0x20 => MPEG4,
        0x21 => H264,
        0x23 => H265,
        0x40 | 0x66..=0x68 => AAC,
        0x60..=0x65 => MPEG2,
        0x69 | 0x6b => MP3,
        0x6a => MPEG1,
        0x6c => MJPEG,
        0xa3 => VC1,
        0xa5 => AC3,
        0xa6 => EAC3,
        0xa9 => DTS,
        0xaa | 0xab => DTS_HD,
        0xad => OPUS,
        0xb1 => VP9,
        // Not registered, but what FFmpeg and the Nero tools write.
        0xdd => VORBIS,
        _ => return None,
    })
}

/// A Matroska codec ID. Those that wrap the names of another format are resolved by the caller.
pub(super) fn of_codec_id(id: &str) -> Option<&'static str> {
    Some(match id {
        "V_MPEG4/ISO/AVC" => H264,
        "V_MPEGH/ISO/HEVC" => H265,
        "V_MPEGI/ISO/VVC" => H266,
        "V_AV1" => AV1,
        "V_VP9" => VP9,
        "V_VP8" => VP8,
        "V_MPEG4/MS/V3" => MS_MPEG4,
        "V_MPEG2" => MPEG2,
        "V_MPEG1" => MPEG1,
        "V_THEORA" => THEORA,
        "V_PRORES" => PRORES,
        "V_MJPEG" => MJPEG,
        "V_FFV1" => FFV1,
        "V_UNCOMPRESSED" => UNCOMPRESSED,
        "A_MPEG/L3" => MP3,
        "A_MPEG/L2" | "A_MPEG/L1" => MP2,
        "A_OPUS" => OPUS,
        "A_VORBIS" => VORBIS,
        "A_FLAC" => FLAC,
        "A_ALAC" => ALAC,
        "A_EAC3" => EAC3,
        "A_TRUEHD" | "A_MLP" => TRUEHD,
        "A_DTS/LOSSLESS" => DTS_HD,
        "A_WAVPACK4" => WAVPACK,
        _ if id.starts_with("V_MPEG4/ISO/") => MPEG4,
        _ if id.starts_with("V_REAL/") => REAL,
        _ if id.starts_with("A_AAC") => AAC,
        _ if id.starts_with("A_AC3") => AC3,
        _ if id.starts_with("A_DTS") => DTS,
        _ if id.starts_with("A_PCM/") => PCM,
        _ if id.starts_with("A_REAL/") => REAL_AUDIO,
        _ => return None,
    })
}

/// The `codecs` value of a codec that has one without parameters. Lower case, as browsers know them.
pub(super) fn plain_codecs(name: &str) -> Option<&'static str> {
    Some(match name {
        VP8 => "vp8",
        VP9 => "vp9",
        THEORA => "theora",
        MPEG4 => "mp4v.20",
        MPEG2 => "mp4v.61",
        MPEG1 => "mp4v.6A",
        MP3 => "mp3",
        OPUS => "opus",
        VORBIS => "vorbis",
        FLAC => "flac",
        ALAC => "alac",
        AC3 => "ac-3",
        EAC3 => "ec-3",
        TRUEHD => "mlpa",
        DTS => "dtsc",
        _ => return None,
    })
}

/// An unknown name made fit to print.
pub(super) fn printable(name: &[u8]) -> Cow<'static, str> {
    let name = name.trim_ascii();
    if name.is_empty() {
        return Cow::Borrowed("unknown");
    }
    Cow::Owned(name.escape_ascii().to_string())
}
