kubectl exec backend -n lab-networking -- curl -sS --connect-timeout 5 http://frontend
kubectl exec frontend -n lab-networking -- curl -sS --connect-timeout 5 http://backend
cat <<EOF | kubectl apply -f -
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny-all
  namespace: lab-networking
spec:
  podSelector: {}
  policyTypes:
    - Ingress
    - Egress
EOF
kubectl exec frontend -n lab-networking -- curl -sS --connect-timeout 5 http://backend
kubectl exec frontend -n lab-networking -- curl -sS --connect-timeout 5 http://$(kubectl get pod backend -n lab-networking -o jsonpath='{.status.podIP}'):8080
