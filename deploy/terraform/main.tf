# Datasets, rights, and the subscription that pushes triggers: what docs/how-to/set-up-bigquery.md and pubsub-triggers.md do by hand.
terraform {
  required_version = ">= 1.5"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.0, < 8.0"
    }
  }
}

provider "google" {
  project = var.project
}

data "google_project" "this" {}

locals {
  # What phase3 writes. nba_raw is another system's.
  written = toset(["nba_analytics", "nba_orchestration"])
  before  = var.prefix == "" ? "" : "${var.prefix}_"
  # Pub/Sub's own account.
  pubsub = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

resource "google_project_service" "needed" {
  for_each           = toset(["bigquery.googleapis.com", "pubsub.googleapis.com"])
  service            = each.value
  disable_on_destroy = false
}

# Without an expiration: a table that expires loses records. A live nba_analytics is imported: `terraform import`.
resource "google_bigquery_dataset" "written" {
  for_each                   = local.written
  dataset_id                 = "${local.before}${each.value}"
  location                   = var.location
  labels                     = { app = "phase3" }
  delete_contents_on_destroy = false

  lifecycle {
    prevent_destroy = true
  }
}

resource "google_service_account" "worker" {
  account_id   = "phase3-worker"
  display_name = "phase3 worker"
}

resource "google_project_iam_member" "jobs" {
  project = var.project
  role    = "roles/bigquery.jobUser"
  member  = "serviceAccount:${google_service_account.worker.email}"
}

resource "google_bigquery_dataset_iam_member" "reads" {
  dataset_id = "nba_raw"
  role       = "roles/bigquery.dataViewer"
  member     = "serviceAccount:${google_service_account.worker.email}"
}

resource "google_bigquery_dataset_iam_member" "writes" {
  for_each   = local.written
  dataset_id = google_bigquery_dataset.written[each.value].dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = "serviceAccount:${google_service_account.worker.email}"
}

# May trigger, and nothing else: PHASE3_OIDC_TRIGGERERS names it.
resource "google_service_account" "push" {
  account_id   = "phase3-push"
  display_name = "phase3 push"
}

resource "google_pubsub_topic" "triggers" {
  name = "phase3-triggers"
}

resource "google_pubsub_topic" "dead_letters" {
  name = "phase3-dead-letters"
}

# A dead-letter topic without a subscription loses its messages.
resource "google_pubsub_subscription" "dead_letters" {
  name  = "phase3-dead-letters"
  topic = google_pubsub_topic.dead_letters.id

  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_subscription" "triggers" {
  name  = "phase3-triggers"
  topic = google_pubsub_topic.triggers.id
  # Longer than PHASE3_GATEWAY_WAIT_SECONDS.
  ack_deadline_seconds = 60

  push_config {
    push_endpoint = "${var.gateway_url}/process"

    oidc_token {
      service_account_email = google_service_account.push.email
      audience              = var.gateway_url
    }
  }

  # With five attempts they span half an hour, as long as a date waits.
  retry_policy {
    minimum_backoff = "300s"
    maximum_backoff = "600s"
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead_letters.id
    max_delivery_attempts = 5
  }

  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_topic_iam_member" "dead_letters" {
  topic  = google_pubsub_topic.dead_letters.id
  role   = "roles/pubsub.publisher"
  member = local.pubsub
}

resource "google_pubsub_subscription_iam_member" "triggers" {
  subscription = google_pubsub_subscription.triggers.id
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub
}
