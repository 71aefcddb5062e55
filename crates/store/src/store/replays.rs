//! The contract of replays: jobs that survive restarts, and the steps that work them off.

use carehook_core::{EndpointId, OrganizationId, Replay, ReplayId};

use super::{Result, Store};
use crate::{ListPage, NewReplay, OpenReplay, PageRequest, ReplayPosition, ReplayStep};

impl Store {
    /// Makes a replay. Refused as a conflict while another one of the endpoint is running.
    pub async fn create_replay(&self, of: &OrganizationId, new: NewReplay) -> Result<Replay> {
        let Self::Embedded(store) = self;
        store.create_replay(of, new).await
    }

    /// One replay of an organization. Its counts are exact at any time, also after a crash.
    pub async fn replay(&self, of: &OrganizationId, id: ReplayId) -> Result<Option<Replay>> {
        let Self::Embedded(store) = self;
        store.replay(of, id).await
    }

    /// The replays of an endpoint, newest first.
    pub async fn list_replays(
        &self,
        of: &OrganizationId,
        endpoint: EndpointId,
        page: PageRequest,
    ) -> Result<ListPage<Replay>> {
        let Self::Embedded(store) = self;
        store.list_replays(of, endpoint, page).await
    }

    /// Stops a replay: nothing more is made due. Refused as a conflict when it has ended.
    pub async fn stop_replay(&self, of: &OrganizationId, id: ReplayId) -> Result<Replay> {
        let Self::Embedded(store) = self;
        store.stop_replay(of, id).await
    }

    /// Calls off deliveries that a replay made due and that have not ended, at most
    /// [`Self::CALLED_OFF_AT_ONCE`]; how many. Refused as a conflict while it is running, and as
    /// [`crate::Refusal::State`] when there is none. What is in flight may still arrive.
    pub async fn cancel_replayed(&self, of: &OrganizationId, id: ReplayId) -> Result<usize> {
        let Self::Embedded(store) = self;
        store.cancel_replayed(of, id).await
    }

    /// How many deliveries are called off in one step.
    pub const CALLED_OFF_AT_ONCE: usize = 1_000;

    /// The replays of all organizations with something left to do, oldest first: at most one that
    /// runs for each endpoint, and stopped ones until what they made due has ended.
    pub async fn open_replays(&self) -> Result<Vec<OpenReplay>> {
        let Self::Embedded(store) = self;
        store.open_replays().await
    }

    /// Works off one step of a replay: bounded in time and memory, and harmless to repeat.
    ///
    /// First everything that the replay is about is counted; a dry run ends with that. Then
    /// deliveries become due in the order of their events, a page in one commit with the place
    /// that was reached: whenever the process dies, each becomes due once. Failed and delivered
    /// ones begin a new round, quietly (no mail), with the trigger
    /// [`carehook_core::Trigger::Replay`]; for an event that the endpoint was never owed a delivery
    /// is made, in the file of the event and with its time. While the endpoint is not served or has
    /// [`Self::REPLAYED_AT_ONCE`] due or in flight, or the disk is nearly full, nothing is made due;
    /// what waits for its retry does not count. Events whose payload is gone are counted as skipped. A replay whose endpoint was deleted is stopped. [`ReplayStep::Ended`]
    /// means that all that it made due has ended, and that its counts stay.
    pub async fn step_replay(&self, job: &OpenReplay, at: ReplayPosition) -> Result<ReplayStep> {
        let Self::Embedded(store) = self;
        store.step_replay(job, at).await
    }

    /// How many deliveries of an endpoint may be due or in flight while a replay adds to them.
    pub const REPLAYED_AT_ONCE: usize = 256;

    /// Ends a replay that cannot be finished.
    pub async fn fail_replay(&self, id: ReplayId) -> Result<()> {
        let Self::Embedded(store) = self;
        store.fail_replay(id).await
    }

    /// Waits until a replay was made or stopped. There is one listener: the engine.
    pub async fn next_replay(&self) {
        let Self::Embedded(store) = self;
        store.next_replay().await;
    }
}
