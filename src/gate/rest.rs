//! What is left of a short response whose client does not take it at once. Knows bytes only.

/// The gate may have to keep one for each of thousands of clients that do not read, so what is part of the program is
/// not copied for them.
#[derive(Debug)]
pub(crate) struct Rest {
    own: Vec<u8>,
    /// Follows `own`.
    shared: &'static [u8],
}

impl Rest {
    pub(crate) fn new(own: Vec<u8>, shared: &'static [u8]) -> Rest {
        Rest { own, shared }
    }

    /// What is to be sent next; empty at the end.
    pub(super) fn front(&self) -> &[u8] {
        if self.own.is_empty() {
            self.shared
        } else {
            &self.own
        }
    }

    /// What it takes of the memory; nothing for what is part of the program.
    pub(super) fn held(&self) -> usize {
        self.own.capacity()
    }

    /// So many bytes of [`front`](Rest::front) are sent.
    #[must_use]
    pub(crate) fn after(mut self, sent: usize) -> Rest {
        self.advance(sent);
        self
    }

    /// The same in place.
    pub(super) fn advance(&mut self, sent: usize) {
        let own = sent.min(self.own.len());
        if own == self.own.len() {
            self.own = Vec::new();
        } else {
            self.own.drain(..own);
        }
        self.shared = self.shared.get(sent - own..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_bytes_come_first_and_nothing_is_lost() {
        for step in 1..8 {
            let mut rest = Rest::new(b"head".to_vec(), b"asset");
            let mut seen = Vec::new();
            while !rest.front().is_empty() {
                let sent = step.min(rest.front().len());
                seen.extend_from_slice(&rest.front()[..sent]);
                rest.advance(sent);
            }
            assert_eq!(seen, b"headasset", "{step}");
        }
        // Sent as one: across the seam.
        assert_eq!(
            Rest::new(b"head".to_vec(), b"asset").after(6).front(),
            b"set"
        );
        assert_eq!(Rest::new(b"head".to_vec(), b"").after(4).front(), b"");
    }
}
