package world

// aboutControls is what is assumed of Control Tower's controls on units.
var aboutControls = []Assumption{
	{
		Name: "mandatory-controls-listed",
		We:   "ListEnabledControls shows the mandatory controls of a registered unit, too, without an operation.",
		Else: "It shows only those that somebody enabled.",
		Why: "Examples of the CLI reference and of AWS's code library show them. Which of them a unit has is in the Controls Reference Guide; " +
			"the identifiers of the three that landing zone 4.0 brought are not known, and they are left out.",
	},
	{
		Name: "mandatory-control-code",
		We:   "Enabling, disabling, changing or resetting a mandatory control is refused with ValidationException.",
		Else: "It is refused with AccessDeniedException.",
		Why:  "The Controls Reference Guide says that the API can't change them, not with which error.",
	},
	{
		Name: "control-already-enabled-code",
		We:   "EnableControl of a control that the unit has is refused with ValidationException: \"Guardrail X is already enabled on organizational unit Y\".",
		Else: "It is refused with ConflictException.",
		Why:  "Users of infrastructure tools print the former; the API Reference lists both, and does not say when.",
	},
	{
		Name: "control-identifiers-apart",
		We:   "The ARN of a control in its Region and that in Control Catalog mean one control, wherever it is looked for.",
		Else: "DisableControl and the filters of lists find a control only by the ARN with which it was enabled.",
		Why:  "The Controls Reference Guide says that either can be given, and that lists show the one it was enabled with.",
	},
	{
		Name: "control-on-unregistered-unit",
		We:   "With landing zone 4.x a control that prevents can be enabled on a unit that is not registered; one that detects can't: ResourceNotFoundException.",
		Else: "None can.",
		Why:  "The Control Tower User Guide says that controls can be enabled directly since 4.0, and that those which detect need AWS Config; the error is not documented.",
	},
	{
		Name: "control-conflict-scope",
		We:   "Operations on different controls of one unit go on side by side.",
		Else: "A second one on the same unit is refused with ConflictException.",
		Why:  "An example of ListControlOperations shows several in progress on one unit; the exception is documented without saying when.",
	},
	{
		Name: "controls-beside-accounts",
		We:   "Operations on controls and on accounts go on side by side.",
		Else: "Either waits for the other: ConflictException, and failed records with ResourceInUseException.",
		Why:  "Both are exceptions to one operation at a time in the Control Tower User Guide, which does not say whether together.",
	},
	{
		Name: "control-operation-duration",
		We:   "An operation on a control takes a twenty-fifth of timing.provision: a minute.",
		Else: "It takes ten.",
		Why:  "An example of GetControlOperation takes a minute; how it grows with accounts and Regions is not documented.",
	},
	{
		Name: "control-fails-with-account",
		We:   "Enabling a control that detects ends FAILED when an account of its unit can't be reached in a governed Region.",
		Else: "It ends SUCCEEDED.",
		Why:  "Such controls are stack sets; how many instances may fail is not documented.",
	},
	{
		Name: "reset-preventive-control",
		We:   "ResetEnabledControl of a control that is a service control policy is refused with ValidationException.",
		Else: "It is taken, and ends SUCCEEDED.",
		Why:  "The API Reference says that it does not work for those, not how it answers; a walk-through says to reset every optional control.",
	},
	{
		Name: "control-drift-checked",
		We:   "The drift of an enabled control is NOT_CHECKING, and UNKNOWN where enabling it failed.",
		Else: "It is IN_SYNC for a control that is a service control policy.",
		Why:  "The examples of AWS's pages show all three, by name only NOT_CHECKING.",
	},
	{
		Name: "control-inheritance-drift",
		We:   "A control has drifted in inheritance while an account stands in its unit that is not governed through the unit.",
		Else: "Nothing is told of inheritance.",
		Why:  "The API Reference has the member and a filter for it; no example shows it.",
	},
	{
		Name: "control-inherited-by-units-below",
		We:   "An enabled control is shown on its own unit only.",
		Else: "One that prevents is shown on the registered units below, too, with its ARN as their parentIdentifier.",
		Why:  "The API Reference speaks of controls that are inherited from a parent; no example shows one.",
	},
	{
		Name: "controls-of-deregistered-unit",
		We:   "The controls of a unit go with its registration.",
		Else: "DisableBaseline is refused with ConflictException as long as controls are enabled.",
		Why:  "Not documented.",
	},
	{
		Name: "control-event",
		We:   "EnableControl and DisableControl publish EnableGuardrail or DisableGuardrail in the end.",
		Else: "They publish nothing.",
		Why:  "The events are documented for the console, not for the API.",
	},
}
