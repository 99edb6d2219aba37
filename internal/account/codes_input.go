package account

// The codes of problems with an account list.
const (
	// The file and its shape.
	CodeNotCSV         = "V1101"
	CodeTooLarge       = "V1102"
	CodeTooManyRows    = "V1103"
	CodeTooManyColumns = "V1104"
	CodeCellTooLong    = "V1105"
	CodeNotUTF8        = "V1106"
	CodeQuoteOpen      = "V1107"
	CodeQuoteStray     = "V1108"
	CodeControl        = "V1109"
	CodeDirection      = "V1110"
	CodeInvisible      = "V1111"
	CodeShortRow       = "V1112"
	CodeLongRow        = "V1113"
	CodeEmpty          = "V1114"
	CodeColumnMissing  = "V1115"
	CodeColumnUnknown  = "V1116"
	CodeColumnTwice    = "V1117"
	CodeColumnOld      = "V1118"
	CodeNoHeader       = "V1119"
	CodeNoRows         = "V1120"

	// The cells. The last two digits of V1201 to V1211 are the number of the column in the documented header.
	CodeRequired    = "V1200"
	CodeName        = "V1201"
	CodeUserEmail   = "V1202"
	CodeEmail       = "V1203"
	CodeFirstName   = "V1204"
	CodeLastName    = "V1205"
	CodeUnit        = "V1206"
	CodeAccountID   = "V1208"
	CodeAssignments = "V1210"
	CodeTags        = "V1211"
	CodeCapitals    = "V1212"
	CodeMailto      = "V1213"

	// Rows against each other.
	CodeEmailTwice      = "V1301"
	CodeAccountIDTwice  = "V1302"
	CodeNameTwice       = "V1303"
	CodeAssignmentTwice = "V1304"

	// Rows against the organization and the settings.
	CodeUnitUnknown          = "V1401"
	CodeUnitAmbiguous        = "V1402"
	CodeUnitNotRegistered    = "V1403"
	CodeEmailInUse           = "V1404"
	CodePermissionSetUnknown = "V1405"
	CodePrincipalUnknown     = "V1406"
	CodeNotMember            = "V1407"
	CodeNameDiffers          = "V1408"
	CodeEmailDiffers         = "V1409"
	CodeDomainDenied         = "V1410"
	CodeUnitNotAllowed       = "V1411"
	CodeUnitExcluded         = "V1412"
	CodePermissionSetDenied  = "V1413"
	CodeManagementAccount    = "V1414"
	CodeSharedAccount        = "V1415"
	CodeNotActive            = "V1416"
	CodeNoUser               = "V1417"
	CodeEnrolled             = "V1419"
	CodeInRoot               = "V1420"
)

var inputCodes = []Explanation{
	{CodeUnreadable, "the file can't be read", "The file does not exist, is a directory, or may not be opened.", "Check the path; `vend validate --template` prints a list to begin with."},
	{CodeNotCSV, "not a CSV file", "The content is that of another kind of file (a workbook, an archive, a web page), whatever its name says.", "Open it in the spreadsheet program and save it as \"CSV UTF-8\"."},
	{CodeTooLarge, "the file is too large", "An account list has up to 32 MiB.", "Split the file; each part is a batch of its own."},
	{CodeTooManyRows, "too many rows", "An account list has up to 200,000 rows.", "Split the file; each part is a batch of its own."},
	{CodeTooManyColumns, "too many columns", "A row has up to 64 columns. Often a spreadsheet has exported empty columns, or the delimiter is not the one of the header.", "Delete the surplus columns and save the file again."},
	{CodeCellTooLong, "a cell is too long", "A cell has up to 4 KiB.", "Shorten the cell."},
	{CodeNotUTF8, "not UTF-8", "Bytes that are not UTF-8 stand in the file, mostly because it was saved in the code page of Windows, or a letter was lost in an earlier conversion.", "Save the file as \"CSV UTF-8\" and look at the letters with accents."},
	{CodeQuoteOpen, "a quote is never closed", "A cell begins with a quote, and no quote ends it.", "Close the quote at the end of the cell; a quote inside a quoted cell is doubled."},
	{CodeQuoteStray, "a quote in the wrong place", "A quote stands inside a cell that does not begin with one, or text follows the closing quote.", "Put the whole cell into quotes and double the quotes inside: \"Dana \"\"DJ\"\" Jones\"."},
	{CodeControl, "a control character", "The cell holds a character that can't be seen and steers devices, such as NUL or ESCAPE. It often comes along when text is copied from a terminal or a damaged file.", "Delete the cell and type it again."},
	{CodeDirection, "a character that turns the direction of text", "The cell holds a bidirectional control, which makes text read otherwise than it is.", "Delete the cell and type it again."},
	{CodeInvisible, "a character that is easily missed", "The cell holds a no-break space, a zero-width character or a typographic quote. Names that look the same are not the same then.", "Type the cell again if the character is not wanted. At the ends of a cell it is taken away."},
	{CodeShortRow, "a row with too few cells", "The row has fewer cells than the header: a delimiter may be missing, and the values behind it stand in the wrong columns.", "Compare the row with the header. Optional columns at the end may be left out."},
	{CodeLongRow, "a row with too many cells", "The row has a value where the header has no column: a cell with a delimiter inside may lack its quotes.", "Put cells that hold the delimiter into quotes."},
	{CodeEmpty, "the file is empty", "The file has no line with anything in it.", "Begin with the output of `vend validate --template`."},
	{CodeColumnMissing, "a column is missing", "The header lacks a column that every new account needs.", "Add the column; `vend validate --template` prints the whole header."},
	{CodeColumnUnknown, "an unknown column", "The header has a column that means nothing here. It is refused because a misspelt Assignments would otherwise be left out in silence.", "Correct the name, or begin it with x- to have the column kept and ignored."},
	{CodeColumnTwice, "a column stands twice", "Two columns of the header have the same name.", "Delete or rename one of them."},
	{CodeColumnOld, "a column has its old, misspelt name", "Files of an earlier tool spell ErrorMsg as ErrroMsg. It is understood.", "Rename the column to ErrorMsg."},
	{CodeNoHeader, "no header line", "The first line names none of the columns of an account list.", "Put the header on top; `vend validate --template` prints it."},
	{CodeNoRows, "no rows", "The file has a header, and no row below it.", "Add one row for each account."},
	{CodeRequired, "a required cell is empty", "A new account needs a name, an e-mail address, a user with first and last name, and an organizational unit. A row with an AccountId needs the organizational unit only.", "Fill the cell. To enroll an account that exists, fill AccountId."},
	{CodeName, "not a name for an account", "AWS takes account names of 1 to 50 printable ASCII characters.", "Shorten the name, and write it without accents and typographic signs."},
	{CodeUserEmail, "not an e-mail address for a user", "The user's e-mail address breaks AWS's rules.", "Correct the address; the message names the character or the rule."},
	{CodeEmail, "not an e-mail address for an account", "AWS takes 6 to 64 printable ASCII characters with one @, a local part that does not begin with a dot and has none of \" ' ( ) < > [ ] : ; , \\ | % & or a blank, and a domain of letters, digits, hyphens and dots.", "Correct the address; the message names the character or the rule."},
	{CodeFirstName, "not a first name", "A name has up to 128 characters on one line.", "Correct the name."},
	{CodeLastName, "not a last name", "A name has up to 128 characters on one line.", "Correct the name."},
	{CodeUnit, "not an organizational unit", "The cell is neither an id (ou-…), nor \"Name (ou-…)\", nor a path such as Workloads/Prod, nor a name.", "Write the path, or copy the id from the Organizations console."},
	{CodeAccountID, "not an account id", "An account id is twelve digits. Spreadsheets round long numbers (1.23457E+11) and take leading zeros away.", "Format the column as text and write the twelve digits again."},
	{CodeAssignments, "assignments that can't be understood", "The cell is not a list such as AWSReadOnlyAccess/Auditors; AdministratorAccess/user:dana@example.com.", "Correct the item that the message names; a semicolon inside a name is doubled."},
	{CodeTags, "tags that can't be used", "The cell is not a list such as CostCenter=1234; Owner=Platform, or a key or value breaks AWS's rules.", "Correct the tag that the message names."},
	{CodeCapitals, "capital letters in an e-mail address", "To AWS, addresses that differ only in capitals are the same. Nothing has to be done.", "Write it in small letters, so that it is found again."},
	{CodeMailto, "a mail link instead of an address", "A spreadsheet has turned the address into a link. The prefix mailto: is taken away.", "Write the address alone."},
	{CodeEmailTwice, "an account e-mail stands twice in the file", "Each AWS account has an e-mail address of its own, without regard to capitals.", "Delete one of the rows, or give it another address."},
	{CodeAccountIDTwice, "an account id stands twice in the file", "Two rows speak of one account.", "Delete one of the rows."},
	{CodeNameTwice, "an account name stands twice in the file", "AWS allows accounts of the same name, but people mix them up.", "Rename one of them unless that is what is wanted."},
	{CodeAssignmentTwice, "an assignment stands twice in the cell", "The same permission set for the same group or user is asked for twice. It is made once.", "Delete one of them."},
	{CodeUnitUnknown, "no such organizational unit", "The organization has no unit with this id, path or name.", "Correct the row; names are case-sensitive."},
	{CodeUnitAmbiguous, "more than one organizational unit has this name", "A bare name is enough only where one unit bears it.", "Write the path or the id of one of the candidates."},
	{CodeUnitNotRegistered, "the organizational unit is not registered", "Control Tower vends only into organizational units that are registered with it.", "Register it (`vend enroll --ou OU --register`), or name another unit; then hand the list in again: `vend submit FILE`."},
	{CodeEmailInUse, "an account of the organization has this e-mail", "AWS uses each address once, suspended accounts included.", "Choose another address, or fill AccountId to enroll the account that has it."},
	{CodePermissionSetUnknown, "no such permission set", "Identity Center has no permission set of this name or ARN.", "Correct the row, or create the permission set first."},
	{CodePrincipalUnknown, "no such group or user", "The identity store has no group or user of this name or id.", "Correct the row, or wait until the directory has synchronised."},
	{CodeNotMember, "the account is not in the organization", "No member account has this id.", "Check the digits; accounts of other organizations must be invited first."},
	{CodeNameDiffers, "the account has another name", "The row gives a name for an existing account, and Organizations knows it by another.", "Leave AccountName empty: it is taken from Organizations."},
	{CodeEmailDiffers, "the account has another e-mail", "The row gives an e-mail for an existing account, and Organizations knows another. Account Factory would make a new account of it.", "Leave AccountEmail empty: it is taken from Organizations."},
	{CodeDomainDenied, "the e-mail domain is not allowed", "policy.allowedEmailDomains of the settings does not hold the domain.", "Use an address of an allowed domain, or have the settings changed (`vend config push`)."},
	{CodeUnitNotAllowed, "the organizational unit is not allowed", "policy.allowedOrganizationalUnits of the settings does not hold the unit.", "Name an allowed unit, or have the settings changed (`vend config push`)."},
	{CodeUnitExcluded, "the organizational unit is excluded", "policy.excludedOrganizationalUnits of the settings holds the unit or one above it.", "Name another unit, or have the settings changed (`vend config push`)."},
	{CodePermissionSetDenied, "the permission set is denied", "policy.deniedPermissionSets of the settings holds the permission set.", "Ask for another permission set, or have the settings changed (`vend config push`)."},
	{CodeManagementAccount, "the management account", "The management account is not enrolled and gets no assignments from this pipeline.", "Delete the row."},
	{CodeSharedAccount, "a shared account of Control Tower", "The log archive and audit accounts belong to the landing zone; they are not enrolled.", "Delete the row."},
	{CodeNotActive, "the account is not active", "The account is suspended, being closed or not yet activated.", "Reopen it, or delete the row."},
	{CodeNoUser, "no user for the account", "The row enrolls an account and names no user, and the settings have no enrollment.ssoUser.", "Fill SSOUserEmail, SSOUserFirstName and SSOUserLastName, or set enrollment.ssoUser."},
	{CodeEnrolled, "the account is enrolled already", "Control Tower governs the account already. In the organizational unit that the row names it needs no enrollment: only its assignments and tags are made. In another one the row is refused, for an upload moves no account.", "Nothing; or, for another organizational unit, update the account in Control Tower (Account Factory), then upload the row again."},
	{CodeInRoot, "the account is in the root", "An account in the root is in nobody's organizational unit. Where it lacks the execution role, the stack set has to name the root as its target, together with the account alone; vend does so only when somebody agreed to it, whichever way the row came in.", "Move the account into an organizational unit, then hand the list in again, or run `vend resume` where the request failed. Or agree: `vend submit FILE --create-role-at-root`, or `vend enroll` with the same flag; a list that is uploaded without `vend` agrees by its metadata: `aws s3 cp --metadata vend-create-role-at-root=yes`."},
}
