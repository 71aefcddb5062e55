//! Figures for Prometheus: one recorder in the process, rendered on request.

use std::time::Duration;

use anyhow::Context as _;
use metrics::gauge;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

use super::{panics, process};

/// From half a millisecond to the longest deadline of an attempt.
const SECONDS: [f64; 15] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 30.0,
];
/// Histograms keep what they measured until this is done, so it must be done now and then.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// The figures of this process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Metrics(PrometheusHandle);

impl Metrics {
    /// Installs the recorder. It must be there before whoever registers figures.
    pub(crate) fn install() -> anyhow::Result<Self> {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
            .context("set up the figures")?
            .build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).context("install the figures")?;
        gauge!("carehook_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        process::describe();
        panics::describe();
        Ok(Self(handle))
    }

    /// All figures in the text format.
    pub(crate) fn render(&self) -> String {
        process::observe();
        self.0.render()
    }

    /// Keeps the memory of the figures bounded.
    pub(crate) async fn keep(self, stop: CancellationToken) {
        let mut interval = tokio::time::interval(UPKEEP_INTERVAL);
        while stop.run_until_cancelled(interval.tick()).await.is_some() {
            self.0.run_upkeep();
        }
    }
}
