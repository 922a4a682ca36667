//! The IDs of the elements of Matroska, in the notation of RFC 9559 §5.

pub(super) const EBML: u64 = 0x1a45_dfa3;
pub(super) const DOC_TYPE: u64 = 0x4282;
pub(super) const SEGMENT: u64 = 0x1853_8067;

pub(super) const SEEK_HEAD: u64 = 0x114d_9b74;
pub(super) const INFO: u64 = 0x1549_a966;
pub(super) const TRACKS: u64 = 0x1654_ae6b;
pub(super) const CLUSTER: u64 = 0x1f43_b675;
pub(super) const CUES: u64 = 0x1c53_bb6b;
pub(super) const CHAPTERS: u64 = 0x1043_a770;
pub(super) const ATTACHMENTS: u64 = 0x1941_a469;

pub(super) const SEEK_ID: u64 = 0x53ab;
pub(super) const SEEK_POSITION: u64 = 0x53ac;

pub(super) const TIMESTAMP_SCALE: u64 = 0x002a_d7b1;
pub(super) const DURATION: u64 = 0x4489;

pub(super) const TRACK_ENTRY: u64 = 0xae;
pub(super) const TRACK_NUMBER: u64 = 0xd7;
pub(super) const TRACK_TYPE: u64 = 0x83;
pub(super) const FLAG_ENABLED: u64 = 0xb9;
pub(super) const FLAG_DEFAULT: u64 = 0x88;
pub(super) const FLAG_FORCED: u64 = 0x55aa;
pub(super) const NAME: u64 = 0x536e;
pub(super) const LANGUAGE: u64 = 0x0022_b59c;
pub(super) const LANGUAGE_BCP47: u64 = 0x0022_b59d;
pub(super) const CODEC_ID: u64 = 0x86;
pub(super) const CODEC_PRIVATE: u64 = 0x63a2;
pub(super) const VIDEO: u64 = 0xe0;
pub(super) const PIXEL_WIDTH: u64 = 0xb0;
pub(super) const PIXEL_HEIGHT: u64 = 0xba;
pub(super) const DISPLAY_WIDTH: u64 = 0x54b0;
pub(super) const DISPLAY_HEIGHT: u64 = 0x54ba;
pub(super) const DISPLAY_UNIT: u64 = 0x54b2;
pub(super) const PROJECTION: u64 = 0x7670;
pub(super) const PROJECTION_POSE_ROLL: u64 = 0x7675;
pub(super) const AUDIO: u64 = 0xe1;
pub(super) const CHANNELS: u64 = 0x9f;
pub(super) const CONTENT_ENCODINGS: u64 = 0x6d80;
pub(super) const CONTENT_ENCODING: u64 = 0x6240;
pub(super) const CONTENT_ENCODING_SCOPE: u64 = 0x5032;
pub(super) const CONTENT_ENCRYPTION: u64 = 0x5035;
pub(super) const CONTENT_COMPRESSION: u64 = 0x5034;
pub(super) const CONTENT_COMP_ALGO: u64 = 0x4254;
pub(super) const CONTENT_COMP_SETTINGS: u64 = 0x4255;

pub(super) const TIMESTAMP: u64 = 0xe7;
pub(super) const BLOCK_GROUP: u64 = 0xa0;
pub(super) const BLOCK: u64 = 0xa1;
pub(super) const SIMPLE_BLOCK: u64 = 0xa3;
pub(super) const BLOCK_DURATION: u64 = 0x9b;
pub(super) const BLOCK_ADDITIONS: u64 = 0x75a1;
pub(super) const BLOCK_MORE: u64 = 0xa6;
pub(super) const BLOCK_ADDITIONAL: u64 = 0xa5;

pub(super) const CUE_POINT: u64 = 0xbb;
pub(super) const CUE_TIME: u64 = 0xb3;
pub(super) const CUE_TRACK_POSITIONS: u64 = 0xb7;
pub(super) const CUE_TRACK: u64 = 0xf7;
pub(super) const CUE_CLUSTER_POSITION: u64 = 0xf1;
pub(super) const CUE_RELATIVE_POSITION: u64 = 0xf0;
pub(super) const CUE_DURATION: u64 = 0xb2;

pub(super) const EDITION_ENTRY: u64 = 0x45b9;
pub(super) const EDITION_FLAG_HIDDEN: u64 = 0x45bd;
pub(super) const EDITION_FLAG_DEFAULT: u64 = 0x45db;
pub(super) const CHAPTER_ATOM: u64 = 0xb6;
pub(super) const CHAPTER_TIME_START: u64 = 0x91;
pub(super) const CHAPTER_FLAG_HIDDEN: u64 = 0x98;
pub(super) const CHAPTER_FLAG_ENABLED: u64 = 0x4598;
pub(super) const CHAPTER_DISPLAY: u64 = 0x80;
pub(super) const CHAP_STRING: u64 = 0x85;

pub(super) const ATTACHED_FILE: u64 = 0x61a7;
pub(super) const FILE_NAME: u64 = 0x466e;
pub(super) const FILE_DATA: u64 = 0x465c;
