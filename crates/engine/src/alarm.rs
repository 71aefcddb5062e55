//! Panics of tasks, which would otherwise end them without anybody noticing.

use std::sync::Arc;
use std::thread;

use carehook_store::DueDelivery;
use tokio::sync::mpsc::UnboundedSender;

use crate::attempt::Report;
use crate::driver::Message;
use crate::engine::EngineShared;
use crate::scheduler::Effect;

/// Held by a task that must not end: tells the engine's owner when it panics.
pub(crate) struct Alarm {
    task: &'static str,
    shared: Arc<EngineShared>,
}

impl Alarm {
    pub(crate) fn of(task: &'static str, shared: &Arc<EngineShared>) -> Self {
        let shared = Arc::clone(shared);
        Self { task, shared }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if thread::panicking() {
            self.shared.panicked.send_replace(Some(self.task));
        }
    }
}

/// Held by an attempt: gives its delivery back when it panics, so that its place is free again and
/// it is tried anew after a pause.
pub(crate) struct GiveBack {
    pub(crate) delivery: DueDelivery,
    pub(crate) messages: UnboundedSender<Message>,
}

impl Drop for GiveBack {
    fn drop(&mut self) {
        if thread::panicking() {
            let delivery = self.delivery.clone();
            let effect = Effect::OurFault;
            // The driver ends only after it has stopped listening.
            drop(
                self.messages
                    .send(Message::Report(Report::Nothing { delivery, effect })),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio_util::task::TaskTracker;

    use super::*;

    #[tokio::test]
    async fn only_a_panic_of_a_task_is_told() {
        let shared = Arc::new(EngineShared::default());
        let tasks = TaskTracker::new();
        let told = || *shared.panicked.borrow();
        let alarm = Alarm::of("mailer", &shared);
        tasks.spawn(async move { drop(alarm) }).await.unwrap();
        assert_eq!(told(), None);
        let alarm = Alarm::of("mailer", &shared);
        let task = tasks.spawn(async move {
            let _alarm = alarm;
            tokio::task::yield_now().await;
            panic!("on purpose");
        });
        assert!(task.await.unwrap_err().is_panic());
        assert_eq!(told(), Some("mailer"));
    }
}
