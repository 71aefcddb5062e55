//! Whose turn it is: round robin over organizations, and over the endpoints of each.
//!
//! Every turn is one delivery, so an organization with many endpoints or a long backlog gets no
//! more than another that also has something to send.

use std::collections::{HashMap, VecDeque};

use carehook_core::{EndpointId, OrganizationId};

/// The rings. An endpoint stands in them at most once.
#[derive(Default)]
pub(crate) struct Turns {
    organizations: VecDeque<OrganizationId>,
    endpoints: HashMap<OrganizationId, VecDeque<EndpointId>>,
}

impl Turns {
    /// Puts an endpoint at the end of its organization's ring; the caller knows that it is not in.
    pub(crate) fn push(&mut self, organization: &OrganizationId, endpoint: EndpointId) {
        if let Some(ring) = self.endpoints.get_mut(organization) {
            ring.push_back(endpoint);
        } else {
            self.organizations.push_back(organization.clone());
            let ring = VecDeque::from([endpoint]);
            self.endpoints.insert(organization.clone(), ring);
        }
    }

    /// Takes the next endpoint out; its organization goes to the end.
    pub(crate) fn pop(&mut self) -> Option<EndpointId> {
        let organization = self.organizations.pop_front()?;
        let ring = self.endpoints.get_mut(&organization)?;
        let endpoint = ring.pop_front();
        if ring.is_empty() {
            self.endpoints.remove(&organization);
        } else {
            self.organizations.push_back(organization);
        }
        endpoint
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use carehook_core::RecordId;

    #[test]
    fn organizations_take_turns_however_many_endpoints_they_have() {
        let endpoint = |n| EndpointId(RecordId::new(0, n, 0));
        let (big, small) = ("big".parse().unwrap(), "small".parse().unwrap());
        let mut turns = Turns::default();
        for n in 0..4 {
            turns.push(&big, endpoint(n));
        }
        turns.push(&small, endpoint(9));
        let mut order = Vec::new();
        for _ in 0..6 {
            let next = turns.pop().unwrap();
            order.push(next.0.number());
            turns.push(if next == endpoint(9) { &small } else { &big }, next);
        }
        assert_eq!(order, [0, 9, 1, 9, 2, 9]);
    }
}
