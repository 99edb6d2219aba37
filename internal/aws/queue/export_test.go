package queue

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vend-cli/vend/internal/account"
)

// WriteRequest makes an item of a request, without its claim.
func WriteRequest(r account.Request) (map[string]types.AttributeValue, error) { return requestItem(r) }

// ReadRequest reads what WriteRequest has written.
func ReadRequest(it map[string]types.AttributeValue) (account.Request, error) {
	return dataOf[account.Request](it, "request")
}
