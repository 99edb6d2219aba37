# The pipeline's stack from Terraform: the same template, so that there is one description of it.
#
#   vend deploy template > vend.template.yaml
#   terraform apply -var bucket=my-account-lists -var admin_email=platform@example.com …
#
# It goes into the management account, in the home Region of Control Tower. Table and bucket outlive terraform destroy.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.0" }
  }
}

variable "bucket" {
  type        = string
  description = "Name of the bucket that takes account lists; the stack makes it"
}

variable "admin_email" {
  type        = string
  description = "Address that is told of failures and alarms"
}

variable "portfolio" {
  type        = string
  description = "Id of the AWS Control Tower Account Factory Portfolio"
}

variable "code" {
  type        = object({ bucket = string, key = string })
  default     = { bucket = "", key = "" }
  description = "Where the function's zip is; without it no function is made, and vend work runs elsewhere"
}

data "aws_ssoadmin_instances" "this" {}

resource "aws_cloudformation_stack" "vend" {
  name          = "vend"
  template_body = file("${path.module}/vend.template.yaml")
  capabilities  = ["CAPABILITY_IAM"]

  parameters = {
    BucketName                = var.bucket
    AdminEmail                = var.admin_email
    PortfolioId               = var.portfolio
    IdentityCenterInstanceArn = tolist(data.aws_ssoadmin_instances.this.arns)[0]
    CodeBucket                = var.code.bucket
    CodeKey                   = var.code.key
  }

  lifecycle {
    prevent_destroy = true
  }
}

# What vend.yaml, or VEND_BUCKET, VEND_TABLE, VEND_QUEUE_URL and VEND_TOPIC_ARN say.
output "pipeline" {
  value = {
    bucket   = aws_cloudformation_stack.vend.outputs["BucketName"]
    prefix   = aws_cloudformation_stack.vend.outputs["Prefix"]
    table    = aws_cloudformation_stack.vend.outputs["TableName"]
    queueUrl = aws_cloudformation_stack.vend.outputs["QueueUrl"]
    topicArn = aws_cloudformation_stack.vend.outputs["TopicArn"]
  }
}
