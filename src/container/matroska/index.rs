//! Reads the index of a Matroska file, the Cues element (RFC 9559 §5.1.5): times and positions.

use super::ebml::{Fields, unsigned};
use super::ids::*;
use super::segment::Segment;
use crate::container::reader::Reader;

/// The maximum number of positions of one track.
const MAX_POINTS: usize = 100_000;

/// A position of one track in the index.
#[derive(Debug)]
pub(super) struct Point {
    /// The time in ticks.
    pub(super) time: u64,
    /// The position of the cluster, from the start of the segment body.
    pub(super) cluster: u64,
    /// The position of the block, from the start of the cluster body.
    pub(super) block: Option<u64>,
    /// The duration in ticks.
    pub(super) duration: Option<u64>,
}

/// The index of one track.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// The positions of the track.
    pub(super) points: Vec<Point>,
    /// The listed cluster that is early enough and last in the file. It may belong to another track. The position
    /// counts from the start of the segment body.
    pub(super) early_cluster: Option<u64>,
}

impl Index {
    /// Reads the index of a track, and finds the last cluster with a time at or before `early`, in ticks.
    pub(super) fn read(reader: &mut Reader, segment: &Segment, track: u64, early: u64) -> Self {
        let (mut index, mut time) = (Self::default(), 0);
        let mut children = segment.children(reader, CUES);
        while let Some(element) = children.next(reader, &[CUE_POINT]) {
            match element.id {
                CUE_TIME => time = unsigned(reader, element).unwrap_or(0),
                CUE_TRACK_POSITIONS => {
                    let fields = Fields::read(reader, element, &[]).unwrap_or_default();
                    let cluster = fields.unsigned(CUE_CLUSTER_POSITION).unwrap_or(0);
                    if fields.unsigned(CUE_TRACK) == Some(track) {
                        index.points.push(Point {
                            time,
                            cluster,
                            block: fields.unsigned(CUE_RELATIVE_POSITION),
                            duration: fields.unsigned(CUE_DURATION),
                        });
                    }
                    if time <= early {
                        index.early_cluster = index.early_cluster.max(Some(cluster));
                    }
                }
                _ => {}
            }
            if index.points.len() == MAX_POINTS {
                // The index may have further positions, so the list is incomplete.
                index.points.clear();
                break;
            }
        }
        index
    }
}
