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

# ---- secrets, which are made elsewhere: here stand their names

# usage: secret NAME
#
# Lets the service read it.
secret() {
    if ! there gcloud secrets describe "$1"; then
        echo "there is no secret $1: gcloud secrets create $1 --data-file=- reads its value" >&2
        exit 1
    fi
    gcloud secrets add-iam-policy-binding "$1" --role=roles/secretmanager.secretAccessor \
        --member="serviceAccount:shop-server@$PROJECT.iam.gserviceaccount.com" >/dev/null
}

# ---- who sends events

readonly SENDER=shop-sender@$PROJECT.iam.gserviceaccount.com

# What a sender's token is for.
audience() {
    echo shop-events
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
    --ack-deadline=300 --min-retry-delay=10s --max-retry-delay=600s
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

# ---- buckets, which tell of their objects by Pub/Sub

# usage: bucket NAME
bucket() {
    if there gcloud storage buckets describe "gs://$1"; then return; fi
    gcloud storage buckets create "gs://$1" --location="$REGION" \
        --uniform-bucket-level-access --public-access-prevention
}

# usage: tells BUCKET TOPIC PREFIX EVENTS
#
# What a bucket tells of cannot be changed. After a change here delete the old notification: gcloud storage
# buckets notifications list, delete.
tells() {
    local topic=projects/$PROJECT/topics/$2 told
    told=$(gcloud storage buckets notifications list "gs://$1" --format=json)
    if [[ $told == *"/$topic\""* ]]; then return; fi
    gcloud storage buckets notifications create "gs://$1" --topic="$topic" --event-types="$4" \
        --payload-format=json ${3:+--object-prefix="$3"}
}

# ---- schedules

# usage: job NAME CRON TIME_ZONE
job() {
    local -a how=(
        --location="$REGION" --schedule="$2" --time-zone="$3"
        --uri="$URL"/events --http-method=post --attempt-deadline=300s
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

# ---- Firestore, of whose changes Eventarc tells

# Lets the sender take events of Eventarc.
receiver() {
    gcloud projects add-iam-policy-binding "$PROJECT" --member="serviceAccount:$SENDER" \
        --role=roles/eventarc.eventReceiver --condition=None >/dev/null
}

# usage: changes TRIGGER DATABASE COLLECTION
#
# Eventarc's own account may lack rights for some minutes after its API was turned on: run this again then.
changes() {
    local place subscription
    place=$(gcloud firestore databases describe --database="$2" --format='value(locationId)')
    local -a to=(
        --location="$place" --service-account="$SENDER" --destination-run-service="$NAME"
        --destination-run-region="$REGION" --destination-run-path=/events
    )
    if there gcloud eventarc triggers describe "$1" --location="$place"; then
        gcloud eventarc triggers update "$1" "${to[@]}"
    else
        gcloud eventarc triggers create "$1" "${to[@]}" --event-data-content-type=application/protobuf \
            --event-filters=type=google.cloud.firestore.document.v1.written \
            --event-filters="database=$2" --event-filters-path-pattern="document=$3/{document}"
    fi
    subscription=$(gcloud eventarc triggers describe "$1" --location="$place" \
        --format='value(transport.pubsub.subscription)')
    gcloud pubsub subscriptions update "$subscription" "${PATIENCE[@]}"
    moves_dead_letters "$subscription"
    verified "$subscription"
}

# usage: verified SUBSCRIPTION
#
# Eventarc chooses what its tokens are for, and Cloud Run takes them. A program that verifies them itself has
# to be told.
verified() {
    local wanted said
    wanted=$(audience)
    if [[ $wanted == "$URL" ]]; then return; fi
    said=$(gcloud pubsub subscriptions describe "$1" --format='value(pushConfig.oidcToken.audience)')
    if [[ $said == "$wanted" ]]; then return; fi
    echo "Eventarc's tokens are for $said: add it to ISOBAR_EVENTS_AUDIENCE, behind $wanted and a comma" >&2
}

before() {
    gcloud services enable run.googleapis.com storage.googleapis.com pubsub.googleapis.com cloudscheduler.googleapis.com eventarc.googleapis.com firestore.googleapis.com secretmanager.googleapis.com
    account shop-server 'shop runs as it'
    secret shop-database
    secret shop-payment
    account shop-sender 'sends shop its events'
    dead_letters
    topic orders
    bucket uploads
    tells uploads shop-uploads-objects '' OBJECT_FINALIZE
    receiver
}

after() {
    URL=$(gcloud run services describe "$NAME" --format='value(status.url)')
    invoker allUsers
    invoker "serviceAccount:$SENDER"
    push orders orders
    push shop-uploads-objects shop-uploads-objects
    job nightly '0 3 * * 6,0' Etc/UTC
    changes shop-users-changes '(default)' users
    echo "$NAME is at $URL"
}

case ${1:-} in
before | after) "$1" ;;
*)
    echo "usage: $0 before|after" >&2
    exit 2
    ;;
esac
