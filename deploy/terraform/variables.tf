variable "project" {
  type        = string
  description = "The Google Cloud project of the datasets (PHASE3_BIGQUERY_PROJECT)."
}

variable "location" {
  type        = string
  default     = "US"
  description = "The location of nba_raw, and so of everything (PHASE3_BIGQUERY_LOCATION)."
}

variable "prefix" {
  type        = string
  default     = ""
  description = "Put before the datasets that are written, for a shadow run (PHASE3_DATASET_PREFIX); empty for a live system."
}

variable "gateway_url" {
  type        = string
  description = "The gateway's address without a path, as Pub/Sub reaches it (PHASE3_OIDC_AUDIENCE)."
}
