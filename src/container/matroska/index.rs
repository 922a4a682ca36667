//! Reads the index of a Matroska file, the Cues element (RFC 9559 §5.1.5): times and positions.

use super::ebml::{Children, Element, unsigned};
use super::ids::*;
use super::segment::Segment;
use crate::container::reader::Reader;

/// The maximum number of positions of one track.
const MAX_POINTS: usize = 100_000;

/// A position of one track in the index.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Point {
    track: u64,
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
                    let point = Point::read(reader, element, time);
                    if point.track == track {
                        index.points.push(point);
                    }
                    if point.track != 0 && time <= early {
                        index.early_cluster = index.early_cluster.max(Some(point.cluster));
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

impl Point {
    fn read(reader: &mut Reader, positions: Element, time: u64) -> Self {
        let mut point = Self {
            time,
            ..Self::default()
        };
        let mut children = Children::of(positions);
        while let Some(element) = children.next(reader, &[]) {
            let number = unsigned(reader, element);
            match element.id {
                CUE_TRACK => point.track = number.unwrap_or(0),
                CUE_CLUSTER_POSITION => point.cluster = number.unwrap_or(0),
                CUE_RELATIVE_POSITION => point.block = number,
                CUE_DURATION => point.duration = number,
                _ => {}
            }
        }
        point
    }
}
