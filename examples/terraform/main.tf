# A change of the target under version control: applied once, and again only when the file changes.

terraform {
  required_version = ">= 1.4"
}

variable "gateway_url" {
  type        = string
  description = "Address of the gateway, for example https://wfm-gateway.example.com"
}

variable "source_name" {
  type        = string
  default     = "terraform"
  description = "The source of the gateway that this is; its credentials are in CLIENT_ID and CLIENT_SECRET"
}

locals {
  changes = fileset("${path.module}/changes", "*.json")
}

resource "terraform_data" "change" {
  for_each = local.changes

  # The content is the key: the same file is the same intent, whoever applies it and however often.
  triggers_replace = filesha256("${path.module}/changes/${each.value}")

  provisioner "local-exec" {
    # 202 means durable: conflicts, locks and rate limits are from here on the gateway's business. So nothing is tried
    # again but what the gateway did not take.
    command = <<-EOT
      curl --silent --show-error --fail-with-body --retry 5 --retry-all-errors --max-time 10 \
        --user "$CLIENT_ID:$CLIENT_SECRET" \
        --header 'content-type: application/json' --header 'idempotency-key: "tf-${self.triggers_replace}"' \
        --data-binary @'${path.module}/changes/${each.value}' '${var.gateway_url}/v1/hooks/${var.source_name}'
    EOT
  }
}
