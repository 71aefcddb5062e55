//! The laws of persistence as tests, the same for every backend.
//!
//! A law is a generic function over [`Fixture`], named as a sentence. [`store_conformance`] holds
//! the list and stamps all of them out for a backend, so that a new backend adds a fixture and
//! cannot leave a law out. The numbers L1 to L14 are those of the architecture. Not here: fencing
//! by epoch (L7) and what other nodes see (L10, second half), which need two nodes.

mod accepting;
mod activities;
pub(crate) mod api_keys;
pub(crate) mod auditing;
mod catalogue;
mod counting;
mod crashing;
mod deleting;
mod due_pages;
pub(crate) mod embedded_fixture;
pub(crate) mod erasing;
mod hammering;
mod hinting;
mod idempotency;
mod listing;
mod looking;
mod mailing;
mod model;
mod modes;
pub(crate) mod operator_keys;
mod payload_links;
mod people;
mod recording;
mod replay_ends;
pub(crate) mod replaying;
mod requests;
mod retaining;
mod rotating;
pub(crate) mod scene;
pub(crate) mod sessions;
mod standing;
mod watching;

use std::future::Future;

use carehook_core::ManualClock;

use crate::Store;
use embedded_fixture::EmbeddedFixture;

/// How a backend is opened, closed and killed.
pub(crate) trait Fixture: Sized {
    /// An empty store of its own that takes its time from `clock`.
    fn open(clock: &ManualClock) -> Self;

    /// The open store.
    fn store(&self) -> &Store;

    /// The same store, closed and opened again.
    async fn reopen(self) -> Self;

    /// What a new process finds when this one is killed now.
    async fn crash(self) -> Self;
}

/// Runs one law to its end.
pub(crate) fn run(law: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime without drivers needs nothing from the system")
        .block_on(law);
}

macro_rules! store_conformance {
    ($backend:ident, $fixture:ty) => {
        mod $backend {
            store_conformance! { @laws $fixture;
                accepting {
                    an_accepted_event_and_its_deliveries_are_read_at_once
                    each_event_of_a_batch_has_its_own_result
                    a_refused_event_leaves_nothing_behind
                    an_id_that_the_store_did_not_give_out_is_refused_alone
                    the_fan_out_is_fixed_at_accept
                    endpoints_of_others_get_nothing
                    sequences_have_no_gaps
                }
                activities {
                    an_attempt_is_an_activity
                    a_retry_is_noted_together_with_its_due_time
                    a_report_is_completed_once
                    activities_are_listed_by_their_beginning
                    activities_are_filtered
                    a_chain_leads_over_deliveries_and_days
                    activities_of_others_are_not_found
                }
                api_keys {
                    a_key_is_found_by_its_text_also_after_a_crash
                    a_revoked_key_is_not_found_but_stays_listed
                    a_key_belongs_to_one_organization_and_ends_with_it
                    only_keys_that_are_not_revoked_count_for_the_limit
                    pages_of_keys_join_without_gaps
                    uses_of_keys_are_kept_when_asked_and_at_the_end
                }
                auditing {
                    what_the_server_does_by_itself_is_in_the_trail
                    every_attempt_that_sent_something_is_a_disclosure
                    a_disclosure_names_the_host_of_its_time
                    a_change_and_its_entry_are_made_together
                    a_refused_change_leaves_no_entry
                    entries_of_one_organization_are_numbered_without_gaps
                    entries_of_one_call_are_written_together_in_their_order
                    the_trail_is_read_in_pages_newest_first
                    the_trail_is_filtered
                    the_trail_goes_on_after_a_crash
                    the_trail_of_an_organization_begins_and_ends_with_it
                    disclosures_outlive_their_rows_and_end_after_their_years
                }
                catalogue {
                    a_changed_catalogue_survives_a_restart
                    an_event_type_that_was_delivered_is_known_as_such
                }
                counting {
                    an_attempt_is_counted_once
                    a_crash_changes_no_count
                    attempts_are_counted_when_they_ended
                    counts_belong_to_their_endpoint_organization_and_mode
                    hours_outlive_minutes_and_go_with_their_rows
                    what_is_pending_is_counted
                }
                crashing {
                    what_was_acknowledged_survives_a_crash
                    what_was_acknowledged_survives_a_clean_restart
                    an_event_in_flight_at_a_crash_is_there_once_or_not_at_all
                    numbers_go_on_after_a_crash
                    control_data_survives_a_crash
                }
                deleting {
                    deleting_an_endpoint_fails_what_is_pending
                    a_deleted_endpoint_is_owed_nothing_more
                    a_delivery_to_a_deleted_endpoint_cannot_be_retried
                    what_a_deleted_endpoint_was_is_known_to_its_organization
                    deleting_an_organization_takes_everything_with_it
                    a_new_organization_of_the_same_name_starts_empty
                    an_event_for_a_replaced_organization_is_refused
                    disabling_an_endpoint_fails_what_is_pending_once
                    a_change_from_an_old_revision_is_refused
                    a_full_organization_takes_no_endpoint
                    ids_are_taken_once
                }
                due_pages {
                    a_page_is_complete_and_ordered
                    pages_over_several_days_join_without_gaps
                    a_page_ends_at_its_time_and_names_the_next
                    a_page_belongs_to_one_endpoint
                    every_endpoint_with_something_pending_is_found
                }
                erasing {
                    an_erased_event_is_listed_without_what_it_said
                    what_is_pending_about_an_erased_subject_is_cancelled
                    a_late_result_of_an_erased_event_brings_no_answer_back
                    an_erased_event_cannot_be_sent_again
                    an_erased_event_with_a_given_id_keeps_its_id
                    other_subjects_organizations_and_later_events_are_not_touched
                    an_erasure_goes_on_after_a_crash_and_ends_once
                    erasures_are_listed_newest_first
                }
                hammering {
                    many_callers_at_once_agree
                }
                hinting {
                    news_come_in_the_order_of_commits
                    news_that_nobody_takes_stay_bounded
                    changes_of_deliveries_and_endpoints_are_news
                    a_listener_that_waits_is_woken
                }
                idempotency {
                    the_same_key_gives_the_same_answer_and_one_fan_out
                    the_same_key_twice_in_one_batch_is_one_event
                    sixty_four_publishes_at_once_are_one_event
                    a_key_is_remembered_over_midnight_and_restarts
                    a_key_is_forgotten_after_a_day
                    a_given_id_is_a_key
                    a_different_event_under_the_same_key_is_refused
                    an_id_and_a_key_of_different_events_are_refused
                    another_id_under_the_same_key_is_refused
                    keys_of_different_organizations_never_meet
                }
                listing {
                    lists_show_the_newest_first_and_everything_once
                    list_pages_are_stable_under_inserts
                    an_event_that_waited_over_midnight_is_listed_and_found
                    lists_are_bound_to_one_organization
                    events_are_filtered
                    deliveries_are_filtered
                    organizations_are_listed_by_id
                }
                looking {
                    what_is_looked_for_is_found_whatever_the_page
                    what_is_looked_for_is_counted_up_to_a_bound
                    deliveries_of_others_are_never_found
                }
                mailing {
                    a_failure_of_which_somebody_wants_to_hear_owes_a_mail
                    what_did_not_fail_for_good_owes_no_mail
                    recording_a_failure_twice_owes_one_mail
                    a_mail_survives_a_crash_and_ends_once
                    a_delayed_mail_is_due_later
                    mails_of_several_days_come_in_the_order_of_their_due_times
                    a_receiver_that_is_gone_owes_a_mail_for_the_attempts_that_failed
                    a_late_result_of_a_cancelled_delivery_owes_no_mail
                    a_mail_of_a_deleted_endpoint_is_about_nothing
                    a_quiet_retry_is_quiet_for_one_round
                    each_round_that_fails_owes_a_mail_of_its_own
                }
                model {
                    random_work_agrees_with_a_model
                    random_lists_agree_with_a_model
                }
                modes {
                    deliveries_are_listed_by_the_mode_of_their_event
                }
                operator_keys {
                    an_operator_key_is_found_by_its_text_also_after_a_crash
                    a_revoked_operator_key_is_not_found_but_stays_listed
                    operator_keys_belong_to_no_organization
                    operator_keys_that_are_revoked_do_not_count_for_the_limit
                    pages_of_operator_keys_join_without_gaps
                    uses_of_operator_keys_are_kept_when_asked_and_at_the_end
                }
                payload_links {
                    the_key_of_links_outlives_a_crash_and_is_of_one_installation
                }
                recording {
                    an_attempt_and_its_state_are_recorded_together
                    recording_twice_is_recording_once
                    a_result_that_comes_late_changes_no_newer_state
                    a_result_of_an_ended_delivery_keeps_its_state
                    a_result_of_a_delivery_that_never_was_leaves_nothing
                    a_retry_starts_a_new_round
                    what_has_arrived_stays_so_while_it_is_sent_again
                    a_pending_delivery_is_cancelled_once
                    unreadable_deliveries_are_failed
                    deliveries_of_others_are_not_found
                }
                replaying {
                    failed_deliveries_become_due_once_more
                    a_replay_may_be_about_what_failed_for_one_reason
                    events_that_an_endpoint_was_never_owed_get_a_delivery
                    added_deliveries_and_their_numbers_survive_a_crash
                    a_replay_of_all_leaves_out_what_is_pending_or_called_off
                    a_crash_at_any_step_makes_nothing_due_twice
                    no_more_is_due_than_the_endpoint_takes
                    what_waits_for_its_retry_does_not_hold_a_replay_up
                    a_replay_is_about_types_modes_and_a_span_of_time
                }
                replay_ends {
                    a_dry_run_counts_and_sends_nothing
                    what_has_no_payload_is_skipped
                    an_erasure_reaches_added_deliveries
                    retention_spares_an_added_delivery_while_it_is_pending
                    a_replay_is_stopped_and_another_one_may_follow
                    what_a_stopped_replay_made_due_can_be_called_off
                    a_retry_by_hand_changes_no_count_of_a_replay
                    the_replay_of_a_deleted_endpoint_is_stopped
                    replays_of_others_are_not_found
                    pages_of_replays_join_without_gaps
                }
                retaining {
                    a_payload_past_its_days_is_unreadable_and_its_event_still_listed
                    retention_never_drops_what_is_pending
                    rows_past_their_days_are_gone
                    rows_of_an_organization_that_keeps_them_longer_stay
                    sequences_go_on_after_their_rows_are_gone
                    an_owed_mail_keeps_its_delivery
                    a_report_past_its_days_is_listed_without_what_it_said
                }
                rotating {
                    nothing_is_lost_while_the_master_key_is_rotated
                }
                people {
                    a_session_keeps_what_its_person_is_called
                    what_a_key_has_let_in_ends_when_it_is_revoked
                }
                requests {
                    a_request_runs_once_and_is_answered_again
                    an_abandoned_request_can_be_sent_again
                    a_request_that_ran_at_a_crash_can_be_sent_again
                    an_answer_is_forgotten_after_a_day
                    answers_go_with_their_organization
                }
                sessions {
                    a_session_is_found_by_its_text_also_after_a_crash
                    an_ended_session_is_not_found_and_ends_once
                    a_link_is_used_once_even_by_two_at_a_time
                    a_link_that_has_ended_is_never_used
                    links_that_wait_are_bounded_until_they_end
                    the_first_password_is_set_once_through_the_newest_link
                    a_new_password_ends_the_operators_other_sessions
                    a_forgotten_password_is_set_anew_through_a_link_that_ends
                    sessions_and_links_end_with_their_organization
                    a_session_too_many_ends_the_oldest
                    sessions_are_listed_newest_first_while_they_are_valid
                    uses_of_sessions_are_kept_when_asked_and_at_the_end
                }
                standing {
                    a_delivery_stands_as_its_last_attempt_left_it
                    standings_are_filtered
                    standings_are_given_in_bounded_parts
                    standings_of_others_are_not_found
                }
                watching {
                    what_happens_to_deliveries_is_told
                    a_slow_watcher_learns_that_it_missed_something
                }
            }
        }
    };
    (@laws $fixture:ty; $($topic:ident { $($law:ident)+ })+) => { $($(
        #[test]
        fn $law() {
            super::run(super::$topic::$law::<$fixture>());
        }
    )+)+ };
}

store_conformance!(embedded, super::EmbeddedFixture);
