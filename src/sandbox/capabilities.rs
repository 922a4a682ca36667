//! Capabilities: the rights of root that the program keeps.

use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, clear_ambient_capability_set,
    remove_capability_from_bounding_set, set_capabilities,
};

/// The lowest port that needs no capability. A sysctl can change it.
const FIRST_FREE_PORT: u16 = 1024;

pub(super) fn held() -> CapabilitySet {
    capabilities(None).map_or(CapabilitySet::empty(), |sets| sets.permitted)
}

/// Returns the `held` capabilities that the server needs: to listen on a low `port`, and to read files of other users.
/// The other layers of the sandbox limit reading to the folder.
pub(super) fn needed(held: CapabilitySet, port: Option<u16>) -> CapabilitySet {
    let mut needed = CapabilitySet::empty();
    if port.is_some_and(|port| (1..FIRST_FREE_PORT).contains(&port)) {
        needed |= CapabilitySet::NET_BIND_SERVICE;
    }
    // Containers often have only DAC_OVERRIDE, which also allows writing.
    needed |= match held.contains(CapabilitySet::DAC_READ_SEARCH) {
        true => CapabilitySet::DAC_READ_SEARCH,
        false => CapabilitySet::DAC_OVERRIDE,
    };
    needed & held
}

/// Drops all capabilities of this process except `kept`. The process cannot get them back.
pub(super) fn keep_only(kept: CapabilitySet) -> rustix::io::Result<()> {
    // Without capabilities, there is nothing to drop. The calls below are skipped, because a systemd unit may forbid
    // them.
    if held().is_empty() {
        return Ok(());
    }
    let _ = clear_ambient_capability_set();
    for number in 0..u64::BITS {
        let capability = CapabilitySet::from_bits_retain(1 << number);
        // An error means that the kernel has no more capabilities, or that this process may not drop capabilities.
        if remove_capability_from_bounding_set(capability).is_err() {
            break;
        }
    }
    let sets = CapabilitySets {
        effective: kept,
        permitted: kept,
        inheritable: CapabilitySet::empty(),
    };
    set_capabilities(None, sets)
}
