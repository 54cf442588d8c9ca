//! `timerTrigger`: a schedule that is due.
//!
//! Source: `TimerInfo.cs` and `TimerListener.cs` of the `WebJobs` timers extension: at an invocation
//! `ScheduleStatus.Next` is when this one was due.

use isobar_core::{Event, ScheduleParts};

use super::dates;
use super::delivery::Delivery;

pub(super) const TYPE: &str = "com.microsoft.azure.functions.timer";

pub(super) fn event(delivery: &Delivery<'_>) -> Event {
    let timer = delivery.value.unwrapped();
    let status = timer
        .is_object()
        .then(|| timer.member("ScheduleStatus"))
        .flatten();
    let due = status.and_then(|status| dates::rfc3339(&status.member("Next")?.shown()?));
    let now = delivery.metadata.now();
    // Without a status, as at short intervals, it is told by when it ran.
    let moment = { due.clone() }.or_else(|| now.clone());
    let moment = moment.unwrap_or_else(|| delivery.id_of(0));
    let mut parts = ScheduleParts::default();
    parts.name = delivery.source_name.clone();
    parts.due = due;
    delivery
        .event(moment, TYPE)
        .time({ parts.due.clone() }.or(now))
        .data("application/json", timer.raw().as_bytes().clone())
        .native(delivery.native())
        .schedule(parts)
        .build()
}

#[cfg(test)]
mod tests {
    use super::super::tests::decoded;
    use isobar_core::{Event, Schedule};
    use serde_json::{Value, json};

    fn one(timer: &Value) -> Event {
        let json = json!({"Data": {"t": timer}, "Metadata": {"sys": {"UtcNow": "2026-01-02T03:05:00.1234567Z"}}});
        decoded(
            r#"{"type": "timerTrigger", "name": "t", "schedule": "0 */5 * * * *"}"#,
            &json,
        )
        .events
        .remove(0)
    }

    #[test]
    fn a_timer_is_a_schedule_by_its_functions_name() {
        let event = one(
            &json!({"Schedule": {"AdjustForDST": true}, "IsPastDue": false, "ScheduleStatus":
            {"Last": "0001-01-01T00:00:00", "Next": "2026-01-02T03:05:00+00:00", "LastUpdated": "2026-01-02T03:00:00+00:00"}}),
        );
        let schedule = Schedule::of(&event).unwrap();
        assert_eq!(
            (schedule.name(), schedule.due()),
            ("f", Some("2026-01-02T03:05:00+00:00"))
        );
        assert_eq!(event.dedup_key(), "/functions/f#2026-01-02T03:05:00+00:00");
        assert_eq!(event.data_as::<Value>().unwrap()["IsPastDue"], false);
    }

    #[test]
    fn a_timer_without_a_status_is_told_by_when_it_ran() {
        for timer in [
            json!({"ScheduleStatus": null, "IsPastDue": false}),
            json!({}),
            json!("null"),
            json!("x"),
        ] {
            let event = one(&timer);
            assert_eq!(Schedule::of(&event).unwrap().due(), None);
            assert_eq!(event.id(), "2026-01-02T03:05:00.1234567Z");
        }
    }
}
