package retry

// Cause is what sort of trouble an AWS error code speaks of.
type Cause int

// The causes that are the same for every service. Codes of one service are judged by its adapter.
const (
	Unknown   Cause = iota // a code that says nothing by itself
	Throttled              // too many calls: nothing has happened, come again later
	Broken                 // trouble inside AWS: the effect may have happened or not
	Expired                // the credentials or the clock have gone stale: nothing has happened, fresh ones will do
	Denied                 // the caller has no permission: nothing has happened
	Invalid                // the request can't be understood as it is: nothing has happened
)

// CauseOf judges an error code that any AWS service may send: the common errors of the API references, what the SDK
// itself takes for throttling or a stale clock, and what the providers of credentials answer (STS, IAM Identity Center).
func CauseOf(code string) Cause { return causes[code] }

var causes = map[string]Cause{
	"Throttling":                             Throttled,
	"ThrottlingException":                    Throttled,
	"ThrottledException":                     Throttled,
	"RequestThrottled":                       Throttled,
	"RequestThrottledException":              Throttled,
	"TooManyRequestsException":               Throttled,
	"RequestLimitExceeded":                   Throttled,
	"BandwidthLimitExceeded":                 Throttled,
	"LimitExceededException":                 Throttled,
	"ProvisionedThroughputExceededException": Throttled,
	"SlowDown":                               Throttled,
	"PriorRequestNotComplete":                Throttled,
	"EC2ThrottledException":                  Throttled,

	"InternalError":               Broken,
	"InternalFailure":             Broken,
	"InternalServerError":         Broken,
	"InternalServerException":     Broken,
	"InternalErrorException":      Broken,
	"ServiceException":            Broken,
	"ServiceUnavailable":          Broken,
	"ServiceUnavailableException": Broken,
	"RequestTimeout":              Broken,
	"RequestTimeoutException":     Broken,

	"ExpiredToken":                Expired,
	"ExpiredTokenException":       Expired,
	"RequestExpired":              Expired,
	"TokenRefreshRequired":        Expired,
	"InvalidClientTokenId":        Expired,
	"UnrecognizedClientException": Expired,
	"InvalidToken":                Expired,
	"InvalidAccessKeyId":          Expired,
	"InvalidGrantException":       Expired,
	"InvalidClientException":      Expired,
	"UnauthorizedException":       Expired,
	"RequestTimeTooSkewed":        Expired,
	"RequestInTheFuture":          Expired,
	"InvalidSignatureException":   Expired,
	"SignatureDoesNotMatch":       Expired,
	"IncompleteSignature":         Expired,
	"AuthFailure":                 Expired,

	"AccessDenied":                        Denied,
	"AccessDeniedException":               Denied,
	"UnauthorizedOperation":               Denied,
	"UnauthorizedAccess":                  Denied,
	"NotAuthorized":                       Denied,
	"Forbidden":                           Denied,
	"AuthorizationError":                  Denied,
	"AuthorizationErrorException":         Denied,
	"MissingAuthenticationToken":          Denied,
	"MissingAuthenticationTokenException": Denied,
	"OptInRequired":                       Denied,
	"SubscriptionRequiredException":       Denied,

	"ValidationException":         Invalid,
	"ValidationError":             Invalid,
	"SerializationException":      Invalid,
	"MalformedQueryString":        Invalid,
	"InvalidParameterCombination": Invalid,
	"InvalidParameterValue":       Invalid,
	"InvalidQueryParameter":       Invalid,
	"MissingParameter":            Invalid,
	"MissingAction":               Invalid,
	"InvalidAction":               Invalid,
	"UnknownOperationException":   Invalid,
	"NotImplemented":              Invalid,
}
