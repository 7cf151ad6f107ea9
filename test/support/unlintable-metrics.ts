/** Names that a specification of others demands and promtool warns of. Nothing of leanmesh's own may be among them. */
export const UNLINTABLE_METRICS = ['lean_attestation_committee_count']
