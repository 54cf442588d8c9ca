//! The points of metrics, as they came.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{Metric, number_data_point};
use serde_json::Value;

use super::receiver::object;

/// One point, and what it belongs to.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) attributes: Value,
    pub(super) resource: Value,
    /// A histogram's number of values, else the number itself.
    pub(super) count: f64,
    /// A histogram's sum.
    pub(super) sum: Option<f64>,
    /// 1: from export to export; 2: from the start.
    pub(super) temporality: i32,
    pub(super) is_monotonic: bool,
}

impl Point {
    /// True if it is of that name, and has these attributes among its own.
    pub(super) fn is(&self, name: &str, attributes: &Value) -> bool {
        let wanted = attributes.as_object().unwrap();
        self.name == name
            && wanted
                .iter()
                .all(|(key, value)| self.attributes[key] == *value)
    }
}

pub(super) fn points(request: ExportMetricsServiceRequest) -> Vec<Point> {
    let of_resource = request.resource_metrics.into_iter().flat_map(|group| {
        let resource = object(&group.resource.unwrap().attributes);
        let metrics = group
            .scope_metrics
            .into_iter()
            .flat_map(|scope| scope.metrics);
        metrics.flat_map(move |metric| of_metric(metric, &resource))
    });
    of_resource.collect()
}

fn of_metric(metric: Metric, resource: &Value) -> Vec<Point> {
    let Metric {
        name, unit, data, ..
    } = metric;
    let point = |attributes, count, sum, temporality, is_monotonic| Point {
        name: name.clone(),
        unit: unit.clone(),
        attributes: object(attributes),
        resource: resource.clone(),
        count,
        sum,
        temporality,
        is_monotonic,
    };
    match data.unwrap() {
        Data::Sum(sum) => { sum.data_points.iter() }
            .map(|of| {
                let count = match of.value.unwrap() {
                    number_data_point::Value::AsDouble(value) => value,
                    number_data_point::Value::AsInt(value) => {
                        f64::from(i32::try_from(value).unwrap())
                    }
                };
                let is_monotonic = sum.is_monotonic;
                point(
                    &of.attributes,
                    count,
                    None,
                    sum.aggregation_temporality,
                    is_monotonic,
                )
            })
            .collect(),
        Data::Histogram(histogram) => { histogram.data_points.iter() }
            .map(|of| {
                let count = f64::from(u32::try_from(of.count).unwrap());
                let in_buckets: u64 = of.bucket_counts.iter().sum();
                assert_eq!(in_buckets, of.count, "{name}");
                assert_eq!(
                    of.bucket_counts.len(),
                    of.explicit_bounds.len() + 1,
                    "{name}"
                );
                let temporality = histogram.aggregation_temporality;
                point(&of.attributes, count, of.sum, temporality, true)
            })
            .collect(),
        other => panic!("{name}: {other:?}"),
    }
}
