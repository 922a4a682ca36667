//! What of root's power the program keeps. Knows the capabilities, not what they protect.

use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, clear_ambient_capability_set,
    remove_capability_from_bounding_set, set_capabilities,
};

/// Ports below this one need a capability, unless the system was told otherwise.
const FIRST_FREE_PORT: u16 = 1024;

/// The capabilities that we have now.
pub(super) fn held() -> CapabilitySet {
    capabilities(None).map_or(CapabilitySet::empty(), |sets| sets.permitted)
}

/// Of these, the ones that serving needs: without them, port 80 could not be opened and files that root served until
/// now would not be found. Reading everything means everything below the folder; the other layers see to that.
pub(super) fn needed(held: CapabilitySet, port: Option<u16>) -> CapabilitySet {
    let mut needed = CapabilitySet::empty();
    if port.is_some_and(|port| (1..FIRST_FREE_PORT).contains(&port)) {
        needed |= CapabilitySet::NET_BIND_SERVICE;
    }
    // Containers often have only the second, which also writes.
    needed |= match held.contains(CapabilitySet::DAC_READ_SEARCH) {
        true => CapabilitySet::DAC_READ_SEARCH,
        false => CapabilitySet::DAC_OVERRIDE,
    };
    needed & held
}

/// Gives up all others, for good.
///
/// # Errors
///
/// If the system refuses.
pub(super) fn keep_only(kept: CapabilitySet) -> rustix::io::Result<()> {
    // Who has none has none to give up, and may not be allowed to ask for it (a systemd unit).
    if capabilities(None).is_ok_and(|sets| sets.permitted.is_empty()) {
        return Ok(());
    }
    let _ = clear_ambient_capability_set();
    for number in 0..u64::BITS {
        let capability = CapabilitySet::from_bits_retain(1 << number);
        // The first number that the system does not have, or no right to give any up.
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
