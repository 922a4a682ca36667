/// A network namespace behind a link with a rate, a delay and losses.
mod namespace;
/// A player with a buffer.
mod player;

use std::fs;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use self::namespace::{Namespace, Shape};
use self::player::{Player, Watched};
use super::{Field, Figures};
use crate::Result;
use crate::results::{Better, Goal, Metric};
use crate::servers::{Peer, Place, Server};

pub(crate) const NAME: &str = "link";

/// 8 Mbit/s each.
const RATE: u64 = 1_000_000;
const PLAYERS: usize = 2;
const TIME: Duration = Duration::from_secs(60);
/// Where the servers listen, each in its own namespace.
const PORT: u16 = 8001;
/// How often the players look.
const TICK: Duration = Duration::from_millis(10);

const SLOW: Shape = Shape {
    name: "20 Mbit/s, 30 ms",
    discipline: &["netem", "rate", "20mbit", "delay", "30ms"],
};
const LOSSY: Shape = Shape {
    name: "20 Mbit/s, 30 ms, 1 % lost",
    discipline: &["netem", "rate", "20mbit", "delay", "30ms", "loss", "1%"],
};
/// What kernels without netem have: the rate alone.
const RATE_ALONE: Shape = Shape {
    name: "20 Mbit/s, no delay",
    discipline: &["tbf", "rate", "20mbit", "burst", "16kb", "latency", "50ms"],
};

/// Two players behind a link, for a minute; the program and nginx, over links of their own, at the same time.
pub(crate) fn measure(field: &mut Field<'_>) -> Result<()> {
    let shapes = match shapes() {
        Ok(shapes) => shapes,
        Err(error) => {
            println!("  skipped: {error}");
            return Ok(());
        }
    };
    let congestion = fs::read_to_string("/proc/sys/net/ipv4/tcp_congestion_control")?;
    println!("  congestion control: {}", congestion.trim());
    let time = field.time(TIME);
    let mut sites = Vec::new();
    for shape in shapes {
        for (index, peer) in field.peers.iter().enumerate() {
            if peer.is_ours() || peer.is_yardstick() {
                let number = u8::try_from(sites.len())?;
                match site(field, peer, shape, number) {
                    Ok((namespace, server)) => sites.push((index, shape, namespace, server)),
                    Err(error) => field.table.fail(index, NAME, &error.to_string()),
                }
            }
        }
    }
    let watched: Vec<Result<Figures>> = thread::scope(|scope| {
        let threads: Vec<_> = sites
            .iter()
            .map(|(_, shape, _, server)| scope.spawn(move || watch(server, shape, time)))
            .collect();
        let panicked = |_| Err("a player panicked".into());
        threads
            .into_iter()
            .map(|one| one.join().unwrap_or_else(panicked))
            .collect()
    });
    for ((index, _, _, server), figures) in sites.into_iter().zip(watched) {
        match figures {
            Ok(figures) => {
                for (metric, value) in figures {
                    field.table.add(index, metric, value);
                }
            }
            Err(error) => field.table.fail(index, NAME, &error.to_string()),
        }
        // Its custom of ending is looked at elsewhere; `ip` stands between.
        let _ = server.stop();
    }
    Ok(())
}

/// The links that can be had here; says what cannot.
fn shapes() -> Result<Vec<&'static Shape>> {
    let mut shapes = Vec::new();
    for shape in [&SLOW, &LOSSY] {
        match Namespace::make(0, shape) {
            Ok(_) => shapes.push(shape),
            Err(error) => println!("  skipped {}: {error}", shape.name),
        }
    }
    if shapes.is_empty() {
        Namespace::make(0, &RATE_ALONE)?;
        println!("  instead: {}", RATE_ALONE.name);
        shapes.push(&RATE_ALONE);
    }
    Ok(shapes)
}

fn site(field: &Field<'_>, peer: &Peer, shape: &Shape, number: u8) -> Result<(Namespace, Server)> {
    let namespace = Namespace::make(number, shape)?;
    let (server, _) = peer.start(&Place {
        film: field.film,
        address: SocketAddr::new(namespace.address(), PORT),
        namespace: Some(namespace.name()),
        flags: &[],
    })?;
    Ok((namespace, server))
}

fn watch(server: &Server, shape: &Shape, time: Duration) -> Result<Figures> {
    let mut players = (0..PLAYERS)
        .map(|_| Player::open(server.address(), server.target(), RATE))
        .collect::<Result<Vec<_>>>()?;
    let begin = std::time::Instant::now();
    while begin.elapsed() < time {
        thread::sleep(TICK);
        for player in &mut players {
            player.look()?;
        }
    }
    let watched: Vec<Watched> = players.iter().map(Player::watched).collect();
    let metric = |what: &str| {
        let name = shape.name;
        Metric::new(
            NAME,
            format!("{name}, {PLAYERS} players: {what}"),
            Better::Less,
        )
    };
    let stalls: u32 = watched.iter().map(|one| one.stalls).sum();
    let stood: Duration = watched.iter().map(|one| one.stood).sum();
    let latest = watched.iter().map(|one| one.started).max();
    let started = latest.flatten().unwrap_or(time);
    Ok(vec![
        (metric("stalls").goal(Goal::Zero), f64::from(stalls)),
        (metric("seconds stalled"), stood.as_secs_f64()),
        (metric("5 s of film there after, s"), started.as_secs_f64()),
    ])
}
