import Domain

extension HetznerAPI {
    var catalogueMethods: [HetznerMethod] {
        // Of the centers Hetzner recommends one.
        reads(.datacenters) { state in
            ["recommendation": .int(Int64(state.all(.datacenters).first?.id ?? 0))]
        } + reads(.locations) + reads(.serverTypes) + reads(.loadBalancerTypes) + [
            HetznerMethod("get_pricing", "GET", "pricing") { _ in
                try world.read { state, _ in .json(200, ["pricing": state.pricing]) }
            }
        ]
    }
}

extension HetznerState {
    fileprivate var pricing: JSONValue {
        func addresses(isHourly: Bool, _ prices: [(String, Double)]) -> JSONValue {
            .array(
                prices.map { type, price in
                    [
                        "type": .string(type),
                        "prices": .array(HetznerCatalogue.prices(price, isHourly: isHourly).map { .object($0) }),
                    ]
                })
        }
        func types(_ kind: HetznerKind) -> JSONValue {
            .array(
                all(kind).map { type in
                    .object(type.body.filter { ["id", "name", "prices"].contains($0.key) })
                })
        }
        let floating = HetznerCatalogue.floatingPrice
        return [
            "currency": "EUR", "vat_rate": "19.00",
            "primary_ips": addresses(isHourly: true, HetznerCatalogue.addressPrices),
            "floating_ips": addresses(isHourly: false, [("ipv4", floating), ("ipv6", 1)]),
            "image": ["price_per_gb_month": HetznerCatalogue.price(HetznerCatalogue.imagePrice)],
            "volume": ["price_per_gb_month": HetznerCatalogue.price(HetznerCatalogue.volumePrice)],
            "server_backup": ["percentage": "20.0000000000"],
            "server_types": types(.serverTypes), "load_balancer_types": types(.loadBalancerTypes),
            "floating_ip": ["price_monthly": HetznerCatalogue.price(floating)],
        ]
    }
}
