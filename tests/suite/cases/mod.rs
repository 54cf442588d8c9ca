//! What every host must show, once. What a host itself cannot do is never skipped: the case
//! asserts the fallback that is documented.

mod axum_app;
mod background;
mod context;
mod deadline;
mod failure;
mod forgery;
mod request;
mod request_body;
mod response;
mod response_body;
mod streaming;

/// One test a case and host, so that `cargo test gcp` and `cargo test body` select.
macro_rules! cases {
    ($($subject:ident { $($case:ident)* })*) => {
        macro_rules! conformance {
            ($host:ident, $kind:expr) => {
                mod $host {
                    $(mod $subject {
                        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                        async fn $case() {
                            crate::cases::$subject::$case($kind).await;
                        })*
                    })*
                }
            };
        }

        /// Every case, by subject: the rows of README's table.
        pub(crate) const ALL: &[(&str, &[&str])] =
            &[$((stringify!($subject), &[$(stringify!($case)),*])),*];
    };
}

cases! {
    request {
        every_method_arrives
        the_path_arrives_as_sent
        the_query_arrives_byte_for_byte
        repeated_headers_keep_every_value_in_order
        cookies_arrive_as_one_header
        headers_of_the_connection_do_not_arrive
        a_connection_header_takes_away_nothing_that_the_host_wrote
        forged_event_headers_are_headers
    }
    request_body {
        an_empty_body_is_empty
        text_arrives_as_its_bytes
        any_bytes_arrive
        five_megabytes_arrive
        a_body_over_the_limit_is_a_413
        a_body_of_unknown_length_arrives
    }
    response {
        status_and_headers_reach_the_client
        repeated_headers_reach_the_client
        several_cookies_reach_the_client
        a_redirect_reaches_the_client
        errors_reach_the_client
        a_204_and_a_304_have_no_body
        a_head_answer_has_no_body
        a_body_that_is_not_there_has_no_type_and_no_length
        headers_of_the_connection_do_not_leave
        a_stale_length_does_not_leave
    }
    response_body {
        text_leaves_as_its_bytes
        any_bytes_leave
        encoded_bytes_leave_untouched
        five_megabytes_leave
    }
    streaming {
        a_stream_arrives_while_it_is_made
        a_stream_that_fails_is_no_whole_answer
        a_stream_that_panics_is_no_whole_answer
    }
    failure {
        an_error_is_a_problem_that_tells_nothing
        an_error_is_an_answer_and_no_failed_invocation
        a_panic_is_a_500_and_the_process_lives
    }
    deadline {
        a_handler_past_its_deadline_is_a_504
        a_stream_past_its_deadline_is_no_whole_answer
    }
    forgery {
        an_event_that_a_client_sends_is_a_request
        an_identity_that_a_client_claims_is_nobody
        an_id_that_a_client_claims_is_not_the_invocations
        a_place_that_a_client_claims_is_not_the_requests
    }
    context {
        the_client_address_is_the_hosts_word
        scheme_and_authority_are_the_clients
        the_trace_is_kept
        the_first_request_alone_is_a_cold_start
        request_ids_differ
    }
    background {
        work_goes_on_after_the_answer
    }
    axum_app {
        state_path_and_json_work
        an_echo_keeps_its_content_type
        a_layer_works
        a_websocket_works
    }
}

conformance!(local, crate::host::Kind::Local);
conformance!(gcp, crate::host::Kind::CloudRun);
conformance!(gcp_http2, crate::host::Kind::CloudRunHttp2);
conformance!(knative, crate::host::Kind::Knative);
conformance!(azure_invocation, crate::host::Kind::AzureInvocation);
conformance!(azure_forwarded, crate::host::Kind::AzureForwarded);
conformance!(azure_proxied, crate::host::Kind::AzureProxied);
conformance!(lambda_rest, crate::host::Kind::LambdaRest);
conformance!(lambda_rest_stream, crate::host::Kind::LambdaRestStream);
conformance!(lambda_http_api, crate::host::Kind::LambdaHttpApi);
conformance!(lambda_http_api_stage, crate::host::Kind::LambdaHttpApiStage);
conformance!(lambda_url, crate::host::Kind::LambdaUrl);
conformance!(lambda_url_stream, crate::host::Kind::LambdaUrlStream);
conformance!(lambda_alb, crate::host::Kind::LambdaAlb);
conformance!(lambda_alb_multi, crate::host::Kind::LambdaAlbMulti);
conformance!(lambda_lattice, crate::host::Kind::LambdaLattice);
conformance!(lambda_lattice_v1, crate::host::Kind::LambdaLatticeV1);
