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

before() {
    gcloud services enable run.googleapis.com storage.googleapis.com secretmanager.googleapis.com
    account shop-server 'shop runs as it'
    secret shop-database
}

after() {
    URL=$(gcloud run services describe "$NAME" --format='value(status.url)')
    invoker allUsers
    echo "$NAME is at $URL"
}

case ${1:-} in
before | after) "$1" ;;
*)
    echo "usage: $0 before|after" >&2
    exit 2
    ;;
esac
