/// Every kind of potential that Halite trains. A new one is a folder beside this file and a line here.
public let potentialKinds: [any TrainablePotential.Type] = [
  AENET.self,
  SNAP.self,
  QSNAP.self,
  GAP.self,
  MTP.self,
]
