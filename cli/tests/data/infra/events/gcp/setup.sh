#!/usr/bin/env bash
# What stands around shop on Google Cloud Run. It may be run again and again: what is there is kept, and set
# as it is to be.
#
#   infra/gcp/setup.sh before   the APIs, accounts, topics and buckets; then the service is deployed
#   infra/gcp/setup.sh after    who may call it, and what sends it events
#
# PROJECT and REGION of the environment win over what stands here.

set -euo pipefail

PROJECT=${PROJECT:-$(gcloud config get-value project 2>/dev/null || true)}
REGION=${REGION:-$(gcloud config get-value run/region 2>/dev/null || true)}
if [[ -z $PROJECT || -z $REGION ]]; then
    echo "say where: PROJECT=.. REGION=europe-west1 $0 ${1:-before}" >&2
    exit 2
fi
export CLOUDSDK_CORE_PROJECT=$PROJECT CLOUDSDK_RUN_REGION=$REGION CLOUDSDK_CORE_DISABLE_PROMPTS=1

readonly NAME=shop

# Returns true if what a command describes is there.
there() {
    "$@" >/dev/null 2>&1
}

# usage: account NAME WHAT_FOR
account() {
    if there gcloud iam service-accounts describe "$1@$PROJECT.iam.gserviceaccount.com"; then return; fi
    gcloud iam service-accounts create "$1" --display-name="$2"
    # not every part of Google Cloud knows it at once
    sleep "${PAUSE:-15}"
}

# usage: invoker MEMBER
invoker() {
    gcloud run services add-iam-policy-binding "$NAME" --member="$1" --role=roles/run.invoker >/dev/null
}

# ---- who sends events

readonly SENDER=shop-sender@$PROJECT.iam.gserviceaccount.com

# What a sender's token is for.
audience() {
    echo "$URL"
}

# usage: must_be_ours WHAT ITS_ADDRESS
must_be_ours() {
    if [[ -z $2 || $2 == "$URL"/* ]]; then return; fi
    echo "$1 sends to $2, which is not $NAME: give it another name in Cargo.toml" >&2
    exit 1
}

# ---- Pub/Sub; what fails five times waits among the dead letters

readonly DEAD=shop-dead-letters

# How long a handler may take, which Pub/Sub ends after 600 seconds, and when what it failed at is delivered again.
readonly PATIENCE=(
    --ack-deadline=60 --min-retry-delay=10s --max-retry-delay=600s
    --dead-letter-topic="$DEAD" --max-delivery-attempts=5
)

# usage: topic NAME
topic() {
    if ! there gcloud pubsub topics describe "$1"; then gcloud pubsub topics create "$1"; fi
}

# Finds the account by which Pub/Sub itself moves dead letters.
agent() {
    local number
    if [[ -n ${AGENT:-} ]]; then return; fi
    number=$(gcloud projects describe "$PROJECT" --format='value(projectNumber)')
    AGENT=service-$number@gcp-sa-pubsub.iam.gserviceaccount.com
}

dead_letters() {
    topic "$DEAD"
    if ! there gcloud pubsub subscriptions describe "$DEAD"; then
        gcloud pubsub subscriptions create "$DEAD" --topic="$DEAD" --expiration-period=never
    fi
    agent
    gcloud pubsub topics add-iam-policy-binding "$DEAD" \
        --member="serviceAccount:$AGENT" --role=roles/pubsub.publisher >/dev/null
}

# usage: moves_dead_letters SUBSCRIPTION
moves_dead_letters() {
    agent
    gcloud pubsub subscriptions add-iam-policy-binding "$1" \
        --member="serviceAccount:$AGENT" --role=roles/pubsub.subscriber >/dev/null
}

# usage: push SUBSCRIPTION TOPIC
push() {
    local -a to=(
        --push-endpoint="$URL"/events --push-auth-service-account="$SENDER"
        --push-auth-token-audience="$(audience)" "${PATIENCE[@]}"
    )
    if there gcloud pubsub subscriptions describe "$1"; then
        must_be_ours "the subscription $1" \
            "$(gcloud pubsub subscriptions describe "$1" --format='value(pushConfig.pushEndpoint)')"
        gcloud pubsub subscriptions update "$1" "${to[@]}"
    else
        gcloud pubsub subscriptions create "$1" --topic="$2" --expiration-period=never "${to[@]}"
    fi
    moves_dead_letters "$1"
}

# ---- schedules

# usage: job NAME CRON TIME_ZONE
job() {
    local -a how=(
        --location="$REGION" --schedule="$2" --time-zone="$3"
        --uri="$URL"/events --http-method=post --attempt-deadline=60s
        --oidc-service-account-email="$SENDER" --oidc-token-audience="$(audience)"
        --max-retry-attempts=5 --min-backoff=5s --max-backoff=300s
    )
    if there gcloud scheduler jobs describe "$1" --location="$REGION"; then
        must_be_ours "the job $1" \
            "$(gcloud scheduler jobs describe "$1" --location="$REGION" --format='value(httpTarget.uri)')"
        gcloud scheduler jobs update http "$1" "${how[@]}"
    else
        gcloud scheduler jobs create http "$1" "${how[@]}"
    fi
}

before() {
    gcloud services enable run.googleapis.com storage.googleapis.com pubsub.googleapis.com cloudscheduler.googleapis.com
    account shop-server 'shop runs as it'
    account shop-sender 'sends shop its events'
    dead_letters
    topic acme
}

after() {
    URL=$(gcloud run services describe "$NAME" --format='value(status.url)')
    invoker "serviceAccount:$SENDER"
    push shop-acme acme
    job nightly '0 3 * * 1-5' Europe/Berlin
    echo "$NAME is at $URL"
}

case ${1:-} in
before | after) "$1" ;;
*)
    echo "usage: $0 before|after" >&2
    exit 2
    ;;
esac
