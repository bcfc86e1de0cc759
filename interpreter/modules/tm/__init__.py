"""Module tm: stateful relaying (transactions, branches, reply and failure routes)."""

from __future__ import annotations

from collections.abc import Iterable

from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import Diagnostic, Severity
from relayscript.interpreter.declaration import Parameter
from relayscript.interpreter.modules.tm.commands import Commands
from relayscript.interpreter.modules.tm.functions import RelayFunctions
from relayscript.interpreter.modules.tm.injecting import InjectingFunctions
from relayscript.interpreter.modules.tm.transaction import Transaction, TransactionBranch
from relayscript.interpreter.modules.tm.variables import Variables

CLUSTER = "tm_replication_cluster"

__all__ = ["Tm", "Transaction", "TransactionBranch"]


class Tm(RelayFunctions, InjectingFunctions, Variables, Commands):
    """The transaction layer of a proxy, and what scripts can do with it."""

    name = "tm"

    def verify(self, script: nodes.Script) -> Iterable[Diagnostic]:
        """There are no clusters to replicate transactions in."""
        for item in script.items:
            if isinstance(item, nodes.ModParam) and item.name.value == CLUSTER and item.value.value not in (0, ""):
                text = f"{CLUSTER}: relayscript has no clusters, so anycast transactions cannot be replicated"
                yield Diagnostic(Severity.ERROR, "RS330", text, item.name.span)

    parameters = (
        Parameter("fr_timeout", 30), Parameter("fr_inv_timeout", 120), Parameter("wt_timer", 5),
        Parameter("delete_timer", 2), Parameter("T1_timer", 500), Parameter("T2_timer", 4000),
        Parameter("ruri_matching", 1), Parameter("via1_matching", 1), Parameter("unix_tx_timeout", 2),
        Parameter("restart_fr_on_each_reply", 1), Parameter("tw_append", None, repeatable=True),
        Parameter("pass_provisional_replies", 0), Parameter("syn_branch", 1),
        Parameter("onreply_avp_mode", 0), Parameter("disable_6xx_block", 0), Parameter("enable_stats", 1),
        Parameter("minor_branch_flag"), Parameter("timer_partitions", 1), Parameter("auto_100trying", 1),
        Parameter("tm_replication_cluster", 0), Parameter("cluster_param", "cid"),
        Parameter("cluster_auto_cancel", 1), Parameter("local_request_route"),
        Parameter("local_reply_route"),
    )  # fmt: skip
    gauges = ("inuse_transactions",)
    statistics = (
        "received_replies", "relayed_replies", "local_replies", "UAS_transactions", "UAC_transactions",
        "2xx_transactions", "3xx_transactions", "4xx_transactions", "5xx_transactions", "6xx_transactions",
        "inuse_transactions", "timeout_finalresponse", "timeout_finalresponse_inv", "retransmission_req_T1_1",
        "retransmission_req_T1_2", "retransmission_req_T1_3", "retransmission_req_T2", "retransmission_rpl_T2",
        "cluster_cancel_recv", "cluster_cancel_sent", "cluster_reply_recv", "cluster_reply_sent",
        "cluster_request_recv", "cluster_request_sent",
    )  # fmt: skip
